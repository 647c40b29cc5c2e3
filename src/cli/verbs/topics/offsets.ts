import { matchingTopics } from '../../../ops/matching-topics'
import { findOffsets } from '../../../ops/offsets'
import { parseTime } from '../../../ops/time'
import { partitionsOf } from '../../../ops/topics'
import type { Column } from '../../shared/output'
import { partitionList } from '../../shared/parse'
import { TOPICS } from '../../shared/topics-argument'
import { verb } from '../../shared/verb'

interface Row {
  readonly topic: string
  readonly partition: number
  readonly first: number | null
  readonly next: number | null
  readonly stable: number | null
  /** Only with --at; null when no record is that young. */
  readonly at?: number | null
}

export default verb<{ partition?: number[]; at?: string }>({
  arguments: [TOPICS],
  options: [
    { flags: '-p, --partition <list>', about: 'only these, as 3 or 0,2,5-7', parse: partitionList },
    { flags: '--at <time>', about: 'also the first offset that is not older than a time' },
  ],
  about:
    'FIRST is the oldest record, NEXT the offset that the next record gets, STABLE where readers of committed records stop.\nA time is 2026-11-22T15:00:00Z, unix seconds or an age such as -10m; a dash says that no record is that young.',
  examples: [
    ['topics offsets sensor_data', 'first and last offset of each partition'],
    ['topics offsets sensor_data --at -10m', 'and where ten minutes ago is'],
  ],
  async run({ cluster, args, options, out }) {
    const timeMs = options.at === undefined ? undefined : parseTime(options.at, Date.now())
    const rows: Row[] = []
    for (const topic of await matchingTopics(cluster, args)) {
      const partitions = await partitionsOf(cluster, topic, options.partition)
      const [first, next, stable, at] = await Promise.all([
        findOffsets(cluster, partitions, 'earliest'),
        findOffsets(cluster, partitions, 'latest'),
        findOffsets(cluster, partitions, 'committed'),
        timeMs === undefined ? undefined : findOffsets(cluster, partitions, { timeMs }),
      ])
      for (const { partition } of partitions) {
        const found = at?.get(topic, partition) ?? -1
        rows.push({
          ...{ topic, partition, first: first.get(topic, partition) ?? null, next: next.get(topic, partition) ?? null },
          stable: stable.get(topic, partition) ?? null,
          ...(at === undefined ? {} : { at: found < 0 ? null : found }),
        })
      }
    }
    const columns: Column<Row>[] = [
      { title: 'TOPIC', value: row => row.topic },
      { title: 'PARTITION', value: row => row.partition },
      { title: 'FIRST', value: row => row.first },
      { title: 'NEXT', value: row => row.next },
      { title: 'STABLE', value: row => row.stable },
    ]
    if (timeMs !== undefined) columns.push({ title: 'AT', value: row => row.at })
    out.rows(rows, columns)
  },
})
