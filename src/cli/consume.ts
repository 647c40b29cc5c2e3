import { consume } from '../ops/consume'
import { consumeGroup } from '../ops/consume-group'
import { UsageError } from '../ops/errors'
import { formatRecord } from '../ops/format-record'
import { recordLine } from '../ops/record-json'
import { parseWhere } from '../ops/where'
import type { Format } from './output'
import { whole } from './parse'
import { decodersOf, FORMAT_HELP, READING, type ReadOptions } from './read-options'
import { verb } from './verb'

interface Options extends ReadOptions {
  readonly offset?: string
  readonly count?: number
  readonly exitEof?: boolean
  readonly filter?: string
  readonly group?: string
  readonly format?: string
  readonly output: Format
}

const PLAIN = '%p:%o  %T  %k  %s'

export default verb<Options>({
  arguments: [{ name: '<topic>', about: 'the topic', completes: 'topic' }],
  options: [
    {
      flags: '--offset <where>',
      about: 'where to start: earliest (default), latest, 1200, -10 (the last ten of each partition) or @time',
    },
    { flags: '-n, --count <n>', about: 'stop after so many records', parse: whole('count') },
    { flags: '-e, --exit-eof', about: 'stop where the partitions end now, instead of waiting for more' },
    { flags: '--filter <expression>', about: 'only records for which it is true' },
    {
      flags: '-g, --group <group>',
      about: 'as a member of this group: partitions are shared, offsets committed',
      completes: 'group',
    },
    { flags: '-f, --format <text>', about: "kcat's: %t %p %o %T %k %s %h, \\n, instead of JSON" },
    ...READING,
  ],
  output: 'ndjson',
  about: `Prints one JSON object a line with kcat's keys: topic, partition, offset, tstype, ts, broker, headers, key, payload. Only
committed records, unless --uncommitted. Without --group nothing is joined or committed.
${FORMAT_HELP}
A filter is an expression of key, value, headers, topic, partition, offset and timestamp, as in
  value.temperature > 30 && key == "7" || headers.source =~ /^py/
with == != < <= > >= =~ !~ && || ! and parentheses. It is parsed, never run as code.`,
  examples: [
    ['consume sensor_data', 'everything, and then what comes'],
    ['consume sensor_data --offset -5 -e', 'the last five of each partition'],
    ['consume sensor_data --offset @-10m -e', 'the last ten minutes'],
    ['consume sensor_data -e --filter \'value.temperature > 30 && key == "7"\'', 'the hot readings of sensor 7'],
    ['consume orders -g billing -n 100', 'the next hundred of a group, committed'],
    ["consume sensor_data -e -f '%k %s\\n'", 'keys and values'],
  ],
  async run({ cluster, args, options, out, registry, stop }) {
    const { partition, group, count, filter, offset, exitEof, uncommitted, output } = options
    if (group !== undefined && partition !== undefined) {
      throw new UsageError('a group decides who gets which partition: --group or --partition, not both')
    }
    const wanted = {
      ...{ topic: args[0]!, exitAtEnd: exitEof === true, readCommitted: !uncommitted, signal: stop },
      ...(offset === undefined ? {} : { from: parseWhere(offset, Date.now()) }),
      ...(partition === undefined ? {} : { partitions: partition }),
      ...(count === undefined ? {} : { count }),
      ...(filter === undefined ? {} : { filter }),
    }
    const format = options.format ?? (output === 'table' ? `${PLAIN}\\n` : undefined)
    const render = format === undefined ? recordLine : formatRecord(format)
    const decoders = decodersOf(options, registry)
    const batches =
      group === undefined
        ? consume(cluster, wanted, decoders, render)
        : consumeGroup(cluster, group, wanted, decoders, render)
    let begun = false
    for await (const lines of batches) {
      if (format !== undefined) await out.write(lines.join(''))
      else if (output === 'ndjson') await out.write(`${lines.join('\n')}\n`)
      else await out.write(`${begun ? ',\n' : '[\n'}${lines.join(',\n')}`)
      begun = true
    }
    if (format === undefined && output === 'json') await out.write(begun ? '\n]\n' : '[]\n')
  },
})
