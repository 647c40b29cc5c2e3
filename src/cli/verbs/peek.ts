import { type PeekedRecord, peek } from '../../ops/peek'
import { itemAt } from '../../required'
import type { Column, Format } from '../shared/output'
import { whole } from '../shared/parse'
import { decodersOf, FORMAT_HELP, READING, type ReadOptions } from '../shared/read-options'
import { Unreadable } from '../shared/unreadable'
import { verb } from '../shared/verb'

export const recordColumns: readonly Column<PeekedRecord>[] = [
  { title: 'PARTITION', value: row => row.partition },
  { title: 'OFFSET', value: row => row.offset },
  { title: 'TIME', value: row => new Date(row.ts).toISOString() },
  { title: 'KEY', value: row => row.key },
  { title: 'VALUE', value: row => row.payload },
]

export default verb<ReadOptions & { count: number; group?: string; output: Format }>({
  arguments: [{ name: '<topic>', about: 'the topic', completes: 'topic' }],
  options: [
    { flags: '-n, --count <n>', about: 'so many records at most', parse: whole('count'), default: 10 },
    { flags: '-g, --group <group>', about: 'what this group would be given next', completes: 'group' },
    ...READING,
  ],
  about: `Shows the last records of a topic, or the next ones of a group, oldest first. It joins, commits and moves nothing: the offsets
of the group are the same before and after.
${FORMAT_HELP}`,
  examples: [
    ['peek sensor_data', 'the last ten records'],
    ['peek sensor_data -n 3 -g billing', 'the next three that billing will see'],
    ['peek sensor_data -n 1 -p 4 -o json', 'the last record of partition 4'],
  ],
  async run({ cluster, args, options, out, registry }) {
    const { count, group, partition, uncommitted, output } = options
    const unreadable = new Unreadable(out)
    const records = await peek(
      cluster,
      {
        ...{ topic: itemAt(args, 0), count, readCommitted: !uncommitted, onUnreadable: unreadable.tell },
        ...(group === undefined ? {} : { group }),
        ...(partition === undefined ? {} : { partitions: partition }),
      },
      decodersOf(options, registry),
    )
    if (output === 'table') out.rows(records, recordColumns)
    else if (output === 'ndjson') out.line(records.map(({ json }) => json).join('\n'))
    else out.line(records.length === 0 ? '[]' : `[\n${records.map(({ json }) => json).join(',\n')}\n]`)
    if (records.length === 0 && unreadable.records === 0)
      out.note(group === undefined ? 'the topic is empty' : `"${group}" has read everything`)
    unreadable.end()
  },
})
