import { Faults } from './compare'
import type { ObserverReport } from './observer-messages'
import type { ReadingSet } from './reading-set'

export interface ReceivedDifference {
  readonly missing: Faults
  readonly extra: Faults
}

/** Compares the readings that a subscriber received with those of the log, sensor by sensor. */
export function compareReceived(expected: ReadingSet, received: Pick<ObserverReport, 'sensors'>): ReceivedDifference {
  const difference = { missing: new Faults(), extra: new Faults() }
  const seen = new Map(received.sensors.map(([sensor, ...summary]) => [sensor, summary]))
  for (const [sensor, count, first, second] of expected.summary()) {
    const [gotCount, gotFirst, gotSecond] = seen.get(sensor) ?? [0, 0, 0]
    seen.delete(sensor)
    if (count === gotCount && first === gotFirst && second === gotSecond) continue
    const what = `sensor ${sensor} has ${gotCount} of ${count} readings`
    // Unlike sets of one size lack as many as they have too many, and one at least.
    for (let i = 0; i < Math.max(count - gotCount, count === gotCount ? 1 : 0); i++) difference.missing.add(what)
    for (let i = 0; i < gotCount - count; i++) difference.extra.add(what)
  }
  for (const [sensor, [count = 0]] of seen)
    for (let i = 0; i < count; i++)
      difference.extra.add(`sensor ${sensor} has ${count} readings that are not in the log`)
  return difference
}
