import type { Topology } from '../../src/dsl/graph'
import { count, json, sum, text, topology, tumbling } from '../../src/index'
import type { LiveTopics } from './ends/live-end'
import type { TableEnd } from './ends/table-end'
import type { Random } from './world/random'

export interface Reading {
  /** Unique in a simulation. */
  readonly id: number
  readonly group: string
  readonly value: number
}

export const APPLICATION = 'simulated'
export const SOURCE = 'readings'
export const OUTPUTS = ['copies', 'sums', 'windows', 'groups', 'group-windows'] as const
export const WINDOW_MS = 2_000
export const GRACE_MS = 1_000
const HISTORY_MS = 5_000

/** What the topology of a seed does beside copying its source. */
export interface Shape {
  readonly partitions: number
  readonly hasSums: boolean
  readonly hasWindows: boolean
  /** Windows stay in their store once they are closed. */
  readonly hasHistory: boolean
  readonly hasGroups: boolean
  /** Windows behind a repartition topic: their time is that of all who write it. */
  readonly hasGroupWindows: boolean
  /** Sums reach the table, by way of an outbox. */
  readonly hasOutbox: boolean
}

export function drawShape(draw: Random): Shape {
  return {
    partitions: draw.whole(3, 4),
    hasSums: draw.chance(0.7),
    hasWindows: draw.chance(0.6),
    hasGroups: draw.chance(0.5),
    hasGroupWindows: draw.chance(0.4),
    hasOutbox: draw.chance(0.4),
    hasHistory: draw.chance(0.5),
  }
}

/** Everything that stands at an end can be recomputed from the source's log alone. */
export function topologyOf(shape: Shape, table: TableEnd, live: LiveTopics): Topology {
  const history = shape.hasHistory ? { historyMs: HISTORY_MS } : {}
  return topology(APPLICATION, streams => {
    const readings = streams.stream<string, Reading>(SOURCE, { key: text, value: json<Reading>() })
    readings.to(table.table('raw'))
    readings.to(live.topic<string, Reading>('live', ({ key }) => key))
    readings.to('copies', { key: text, value: json<Reading>() })
    if (shape.hasSums) {
      const sums = readings
        .groupByKey()
        .aggregate({ name: 'sums', of: { count: count(), sum: sum('value') } })
        .toStream()
      sums.to('sums', { key: text, value: json() })
      if (shape.hasOutbox) sums.to(table.table('table-sums'))
    }
    if (shape.hasWindows) {
      const windows = readings
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: WINDOW_MS, graceMs: GRACE_MS }), { emit: 'onWindowClose' })
        .aggregate({ name: 'windows', of: { count: count(), sum: sum('value') }, ...history })
        .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
      windows.to('windows', { key: text, value: json() })
      windows.to(live.topic<string, unknown>('live-windows', ({ key }) => key))
    }
    if (shape.hasGroupWindows)
      readings
        .selectKey(({ group }) => group)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: WINDOW_MS, graceMs: GRACE_MS }), { emit: 'onWindowClose' })
        .aggregate({ name: 'group-windows', of: { count: count(), sum: sum('value') }, ...history })
        .toStream({ key: (_, { key, window }) => `${key}@${window.start}` })
        .to('group-windows', { key: text, value: json() })
    if (shape.hasGroups)
      readings
        .selectKey(({ group }) => group)
        .groupByKey()
        .count({ name: 'groups' })
        .toStream()
        .to('groups', { key: text, value: json() })
  })
}
