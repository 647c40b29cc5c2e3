import type { EndTally } from '../../vitals/format'
import { countInWords, lengthInWords } from '../../vitals/words'

/** The ends that weir ships, by names that are short enough for a line. */
const names = new Map([
  ['postgres', 'Postgres'],
  ['mqtt', 'MQTT'],
  ['mqtt-live', 'MQTT'],
])

/**
 * What the ends add to the line of a run: `waiting for MQTT 12 s` while some hold it up, the longest first, and `skipped 3,210` where newer values have overtaken
 * others. Nothing while all is well.
 */
export function endParts(ends: readonly EndTally[], nowMs: number): string[] {
  const since = new Map<string, number>()
  // Targets of one kind are held by the same service.
  for (const { kind, heldSinceMs = Number.POSITIVE_INFINITY } of ends) {
    const name = names.get(kind) ?? kind
    since.set(name, Math.min(heldSinceMs, since.get(name) ?? Number.POSITIVE_INFINITY))
  }
  const held = [...since].filter(([, sinceMs]) => sinceMs < Number.POSITIVE_INFINITY).sort(([, a], [, b]) => a - b)
  const waiting = held.map(([name, sinceMs]) => `${name} ${lengthInWords(nowMs - sinceMs)}`)
  const skipped = ends.reduce((sum, end) => sum + (end.skipped ?? 0), 0)
  return [
    ...(waiting.length > 0 ? [`waiting for ${waiting.join(', ')}`] : []),
    ...(skipped > 0 ? [`skipped ${countInWords(skipped)}`] : []),
  ]
}
