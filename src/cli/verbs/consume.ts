import { consume, type Take } from '../../ops/consume'
import { consumeGroup } from '../../ops/consume-group'
import { UsageError } from '../../ops/errors'
import { formatRecord } from '../../ops/format-record'
import { JsonBytes } from '../../ops/json-bytes'
import { matchingTopics } from '../../ops/matching-topics'
import { type Decoders, RecordWriter, type TopicFacts } from '../../ops/record-json'
import { type Bounds, parseWhere, type Where } from '../../ops/where'
import { counted, type Format, type Output, oneLine } from '../shared/output'
import { whole } from '../shared/parse'
import { decodersOf, FORMAT_HELP, READING, type ReadOptions } from '../shared/read-options'
import { TOPICS } from '../shared/topics-argument'
import { Unreadable } from '../shared/unreadable'
import { verb } from '../shared/verb'

interface Options extends ReadOptions {
  readonly offset?: string
  readonly tail?: number | true
  readonly count?: number
  readonly exitEof?: boolean
  readonly filter?: string
  readonly group?: string
  readonly format?: string
  readonly output: Format
}

const NEWLINE = 0x0a
/** Of so many partitions the ends are told. */
const TOLD = 5
/** As many as `tail` shows. */
const TAIL = 10
const PLAIN = '%p:%o  %T  %k  %s'

export default verb<Options>({
  arguments: [TOPICS],
  options: [
    {
      flags: '--offset <where>',
      about: 'where to start: earliest (default), latest, 1200, -10 (the last ten of each partition) or @time',
      completes: ['earliest', 'latest'],
    },
    { flags: '--tail [n]', about: 'the last n (10) of each partition, and then what comes', parse: whole('tail') },
    { flags: '-n, --count <n>', about: 'stop after so many records', parse: whole('count') },
    { flags: '-e, --exit-eof', about: 'stop where the partitions end now, instead of waiting for more' },
    { flags: '--filter <expression>', about: 'only records for which it is true' },
    {
      flags: '-g, --group <group>',
      about: 'as a member of this group: partitions are shared, offsets committed',
      completes: 'group',
    },
    { flags: '-f, --format <text>', about: "kcat's: %t %p %o %T %k %K %s %S %h, \\n, instead of JSON" },
    ...READING,
  ],
  output: 'ndjson',
  about: `Prints one JSON object a line with kcat's keys: topic, partition, offset, tstype, ts, broker, headers, key, payload. What is
neither text nor JSON nor Avro is base64, and its key is in the list base64; Avro has its schema ids in key_schema_id and
value_schema_id. A record that can't be read is said on stderr and passed; the exit code is then 1. Only committed records, unless --uncommitted. Without --group nothing is joined or committed.
${FORMAT_HELP}
Patterns are looked up once, when it starts: topics that are made later aren't among them.
A filter is an expression of key, value, headers, topic, partition, offset and timestamp, as in
  value.temperature > 30 && key == "7" || headers.source =~ /^py/
with == != < <= > >= =~ !~ && || ! and parentheses. It is parsed, never run as code.`,
  examples: [
    ['consume sensor_data', 'everything, and then what comes'],
    ['consume sensor_data --tail', 'the last ten of each partition, and then what comes'],
    ['consume sensor_data --offset -5 -e', 'the last five of each partition'],
    ['consume sensor_data --offset @-10m -e', 'the last ten minutes'],
    ['consume sensor_data -e --filter \'value.temperature > 30 && key == "7"\'', 'the hot readings of sensor 7'],
    ["consume 'orders-*' --tail 0", 'what comes now, of all topics whose names begin so'],
    ['consume orders -g billing -n 100', 'the next hundred of a group, committed'],
    ["consume sensor_data -e -f '%k %s\\n'", 'keys and values'],
  ],
  async run({ cluster, args, options, out, registry, stop }) {
    const { partition, group, count, filter, exitEof, uncommitted } = options
    if (group !== undefined && partition !== undefined) {
      throw new UsageError('a group decides who gets which partition: --group or --partition, not both')
    }
    const from = startOf(options)
    const unreadable = new Unreadable(out)
    const wanted = {
      ...{
        topics: await matchingTopics(cluster, args),
        exitAtEnd: exitEof === true,
        readCommitted: !uncommitted,
        signal: stop,
      },
      onUnreadable: unreadable.tell,
      onBeyond: (ended: readonly Bounds[]) => tellEnds(ended, out),
      ...(from === undefined ? {} : { from }),
      ...(partition === undefined ? {} : { partitions: partition }),
      ...(count === undefined ? {} : { count }),
      ...(filter === undefined ? {} : { filter }),
    }
    const printer = new Printer(options, decodersOf(options, registry))
    const { decoders } = printer
    const open = (facts: TopicFacts) => printer.open(facts)
    const batches =
      group === undefined
        ? consume(cluster, wanted, decoders, open)
        : consumeGroup(cluster, group, wanted, decoders, open)
    try {
      for await (const _ of batches) await out.write(printer.take())
    } finally {
      // After a failure, too: what was read is out, and JSON is whole.
      await out.write(printer.end())
    }
    unreadable.end()
  },
})

/** An empty answer would be taken for an empty topic. */
function tellEnds(ended: readonly Bounds[], out: Output): void {
  for (const { topic, partition, last } of ended.slice(0, TOLD))
    out.note(`${topic}, partition ${partition}: the log ends at ${last}, before what is asked for`)
  if (ended.length > TOLD) out.note(`... and ${counted(ended.length - TOLD, 'partition')} more`)
}

function startOf({ offset, tail, group }: Options): Where | undefined {
  if (tail === undefined) return offset === undefined ? undefined : parseWhere(offset, Date.now())
  if (offset !== undefined) throw new UsageError('either --offset or --tail says where to start')
  if (group !== undefined) throw new UsageError('a group goes on where it stopped: --group or --tail, not both')
  return { last: tail === true ? TAIL : tail }
}

/** Gathers printed records as bytes. */
class Printer {
  private readonly bytes = new JsonBytes()
  private begun = false

  constructor(
    private readonly options: Options,
    readonly decoders: Decoders,
  ) {}

  open(facts: TopicFacts): Take {
    const { bytes, decoders } = this
    const { output } = this.options
    const { format } = this.options
    if (format !== undefined) {
      const render = formatRecord(format)
      return (batch, i) => bytes.utf8(render(facts, decoders, batch, i))
    }
    if (output === 'table') {
      const render = formatRecord(PLAIN)
      return (batch, i) => bytes.utf8(`${oneLine(render(facts, decoders, batch, i))}\n`)
    }
    const writer = new RecordWriter(facts, decoders)
    if (output === 'json') {
      return (batch, i) => {
        const { length } = bytes
        bytes.ascii(this.begun ? ',\n' : '[\n')
        try {
          writer.write(batch, i, bytes)
        } catch (error) {
          bytes.length = length
          throw error
        }
        this.begun = true
      }
    }
    return (batch, i) => {
      writer.write(batch, i, bytes)
      bytes.byte(NEWLINE)
    }
  }

  take(): Buffer {
    return this.bytes.take()
  }

  /** What closes the output. */
  end(): Buffer {
    if (this.options.output === 'json' && this.options.format === undefined)
      this.bytes.ascii(this.begun ? '\n]\n' : '[]\n')
    return this.bytes.take()
  }
}
