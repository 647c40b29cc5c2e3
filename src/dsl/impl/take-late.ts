import { TopologyError } from '../../errors'
import type { TakeLate } from '../steps/late-records'
import type { Faces } from './faces'

/** What the author does with the late records of a step, as the step takes it. Throws TopologyError where `late` is no function. */
export function takeLate(
  options: { readonly name?: string; readonly late?: unknown } | undefined,
  faces: Faces,
): TakeLate | undefined {
  const late = options?.late
  if (late === undefined) return undefined
  if (typeof late !== 'function')
    throw new TopologyError(`step "${options?.name}": late has to be a function, and is ${JSON.stringify(late)}`)
  return draft => void late(faces.stream(draft))
}
