import type { VitalsRecord } from './format'
import { hasShape } from './shape'
import { shapes } from './shapes'

/** A record of a vitals topic; undefined for what isn't one: another program's topic of such a name, or a later version's record. */
export function parseVitals(value: Buffer): VitalsRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(value.toString('utf8'))
    return isVitals(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isVitals(value: unknown): value is VitalsRecord {
  if (typeof value !== 'object' || value === null) return false
  const { v, kind } = value as Readonly<Record<string, unknown>>
  if (v !== 1 || (kind !== 'topology' && kind !== 'tally' && kind !== 'samples')) return false
  return hasShape(value, shapes[kind])
}
