import { COMPRESSIONS, type CompressionName, compression } from '../../connectors/kafka/write/compress'
import { UsageError } from '../../ops/errors'
import { NUMBER_FORMATS } from '../../ops/number-formats'
import { produce } from '../../ops/produce'
import { parseTime } from '../../ops/time'
import { requireTopic } from '../../ops/topics'
import { WriterCache } from '../../ops/writer-cache'
import { itemAt } from '../../required'
import { counted } from '../shared/output'
import { pairList, whole } from '../shared/parse'
import { schemaOption, type WriteOptions, writersFor } from '../shared/produce-writers'
import { verb } from '../shared/verb'

interface Options extends WriteOptions {
  readonly keySeparator?: string
  readonly key?: string
  readonly keyField?: string
  readonly header?: readonly (readonly [name: string, value: string])[]
  readonly partition?: number
  readonly timestamp?: number
  readonly compression?: CompressionName
  readonly records?: boolean
  readonly keepPartition?: boolean
  readonly emptyIsNull?: boolean
  readonly atomic?: boolean
}

/** As kcat reads them in a separator. */
const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', 0: '\0', '\\': '\\' }

/** Faults are told line by line up to so many; the rest is counted. */
const TOLD = 20

export default verb<Options>({
  arguments: [{ name: '<topic>', about: 'the topic', completes: 'topic' }],
  options: [
    { flags: '-K, --key-separator <text>', about: "lines are key, this, value: -K : or -K '\\t'" },
    { flags: '-k, --key <key>', about: 'the key of all records that bring none' },
    { flags: '--key-field <field>', about: 'take the key from a field of the value' },
    { flags: '-H, --header <name=value>', about: 'a header for all records; may be repeated', parse: pairList },
    { flags: '-p, --partition <n>', about: 'send all there (by key, in turn without one)', parse: whole('partition') },
    {
      flags: '--timestamp <time>',
      about: 'the time of all records that bring none (now): 2026-11-22T15:00:00Z, unix seconds or -10m',
      parse: text => parseTime(text, Date.now()),
    },
    {
      flags: '--key-format <format>',
      about: 'the bytes of keys: avro writes by the latest schema of <topic>-key',
      default: 'text',
      choices: ['text', 'avro', ...NUMBER_FORMATS, 'base64', 'hex'],
    },
    {
      flags: '--value-format <format>',
      about: "auto writes Avro when the registry has the topic's schema, else the text as it is",
      default: 'auto',
      choices: ['auto', 'avro', 'json', 'text', ...NUMBER_FORMATS, 'base64', 'hex'],
    },
    schemaOption('key'),
    schemaOption('value'),
    { flags: '-z, --compression <codec>', about: 'compress the record batches', choices: COMPRESSIONS },
    { flags: '--records', about: 'each line is a record as `weir consume` prints it, and comes out the same' },
    { flags: '--keep-partition', about: 'with --records: to the partitions that they name, instead of by key' },
    { flags: '-Z, --empty-is-null', about: 'an empty value is a tombstone' },
    { flags: '--atomic', about: 'all or nothing: one Kafka transaction, committed when every line was good' },
  ],
  about: `Reads lines from stdin, each a record, until its end or Ctrl-C; then waits for the broker and says how many it has. Empty
lines are skipped. Avro values are written as JSON and checked field by field against the latest schema of <topic>-value; times
may be unix seconds or ISO 8601; an Avro key is its text where its schema is a string's, else JSON. Numbers (${NUMBER_FORMATS.join(', ')})
are written as Kafka's serializers do. A line that does not fit is told with its number; the others are sent, and the exit code is 1.`,
  examples: [
    ['produce notes', 'what is typed, line by line'],
    ['produce orders -K : < orders.txt', 'lines such as 7:hello'],
    ['produce orders -K : --key-format long < orders.txt', "the keys as Java's LongSerializer writes them"],
    ['produce sensor_data --key-field sensor_id < readings.ndjson', "JSON lines as Avro by the topic's schema"],
    ['produce orders -K : --key-schema orders-key:2 < orders.txt', 'keys by a schema of their own'],
    ['produce sensor_data --atomic < readings.ndjson', 'all of the file or nothing'],
    ['produce orders --timestamp -1h --compression lz4 < orders.txt', 'as of an hour ago, compressed'],
    ['consume a -e | weir produce b --records', 'copies a topic, with keys, headers and times'],
  ],
  async run(call) {
    const { cluster, args, options, out, stop, kafka, timeoutMs } = call
    const topic = itemAt(args, 0)
    const { key, keyField, partition, header, timestamp } = options
    const keySeparator = separatorOf(options)
    await requireTopic(cluster, topic)
    const { formats, isAuto } = await writersFor(call, topic)
    const { stdin } = out.streams
    if (stdin.isTTY) out.note('type records, a line each; Ctrl-D ends')
    stop.addEventListener('abort', () => (stdin as NodeJS.ReadStream).destroy())
    let told = 0
    const report = await produce(cluster, kafka, stdin as AsyncIterable<Buffer>, {
      ...{ topic, signal: stop, timeoutMs, nowMs: timestamp === undefined ? Date.now : () => timestamp },
      ...{ input: options.records ? 'records' : 'lines', atomic: options.atomic === true },
      ...{ emptyIsNull: options.emptyIsNull === true, keepPartition: options.keepPartition === true },
      ...{ headers: header ?? [], ...formats },
      ...(keySeparator === undefined ? {} : { keySeparator }),
      ...(key === undefined ? {} : { key }),
      ...(keyField === undefined ? {} : { keyField }),
      ...(partition === undefined ? {} : { partition }),
      ...(options.compression === undefined ? {} : { compression: compression(options.compression) }),
      ...(options.records && isAuto ? { schemas: new WriterCache(call.registry()) } : {}),
      onRefused: (line, reason) => {
        if (++told <= TOLD) out.note(`line ${line}: ${reason}`)
      },
    })
    if (told > TOLD) out.note(`... and ${counted(told - TOLD, 'line')} more`)
    const { acknowledged, refused } = report
    out.thing(report, () => {})
    out.note(
      `${counted(acknowledged, 'record')} acknowledged by the broker${refused > 0 ? `, ${counted(refused, 'line')} refused` : ''}`,
    )
    if (refused === 0) return
    throw new RefusedLines(
      options.atomic ? `${counted(refused, 'line')} refused, so none was sent` : `${counted(refused, 'line')} not sent`,
    )
  },
})

/** The input was at fault, not the command: exit code 1. */
class RefusedLines extends Error {}

function separatorOf({ keySeparator: given, records }: Options): string | undefined {
  if (given === '') throw new UsageError('--key-separator must not be empty')
  if (records && given !== undefined) throw new UsageError('--records have keys of their own: no -K')
  return given?.replace(/\\([tn0\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter)
}
