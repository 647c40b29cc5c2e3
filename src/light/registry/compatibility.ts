import { anyAvroType } from '../../codecs/avro-faults'
import type { AvroTypeJson } from '../../codecs/avro-schema'
import { compatibilityLevels } from '../../codecs/compatibility-levels'
import { incompatibilities } from '../../codecs/schema-changes'
import { Refusal } from './refusal'

/** Who must be able to read what: BACKWARD the new schema what was written, FORWARD the former schemas what will be. */
export type Level = (typeof compatibilityLevels)[number]

export const isLevel = (text: string): text is Level => compatibilityLevels.some(level => level === text)

/** Why `next` can't follow `before` (the oldest first); empty where it can. Throws Refusal for what is no schema. */
export function compatibilityFaults(level: Level, next: AvroTypeJson, before: readonly AvroTypeJson[]): string[] {
  try {
    anyAvroType(next)
  } catch (error) {
    throw new Refusal(42201, `Invalid schema: ${error instanceof Error ? error.message : error}`)
  }
  if (level === 'NONE') return []
  const judged = level.endsWith('TRANSITIVE') ? before : before.slice(-1)
  return judged.flatMap(former => [
    ...(level.startsWith('FORWARD') ? [] : incompatibilities(next, former)),
    ...(level.startsWith('BACKWARD') ? [] : incompatibilities(former, next)),
  ])
}
