import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { MemoryRegistry } from '../../codecs/memory-registry'
import type { Topology } from '../../dsl/graph'
import { isKind } from '../../dsl/graph'
import { ProcessError } from '../../errors'
import { deadLetterTopic } from '../../names'
import { CheckFailedError, UsageError } from '../../ops/errors'
import { linesOf } from '../../ops/lines'
import { itemAt } from '../../required'
import { crashReports } from '../../testing/crashes'
import { TopologyTestDriver } from '../../testing/test-driver'
import type { TestBytes } from '../../testing/topic-records'
import { topologyOf } from '../shared/load-topology'
import { type Column, counted, type Output } from '../shared/output'
import { whole } from '../shared/parse'
import { type PlainReaders, type TestInput, testInput } from '../shared/test-input'
import { verb } from '../shared/verb'

interface Options {
  readonly input: string
  readonly keyField?: string
  readonly partitions: number
  readonly crashes?: boolean
  readonly atMost: number
}

interface Row {
  /** The topic, or the name of the end outside Kafka. */
  readonly to: string
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  /** Of a dead letter. */
  readonly step?: string
  readonly error?: string
}

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

const columns: readonly Column<Row>[] = [
  { title: 'TO', value: row => row.to },
  { title: 'TIME', value: row => new Date(row.timestamp).toISOString() },
  { title: 'KEY', value: row => shown(row.key) },
  { title: 'VALUE', value: row => shown(row.value) },
  { title: 'STEP', value: row => row.step ?? null },
  { title: 'ERROR', value: row => row.error ?? null },
]

/** Silence behind the input where a source has an idle clock, ms: long enough for every window to close. */
const silenceMs = 24 * 3_600_000

export default verb<Options>({
  arguments: [{ name: '<topology>', about: 'its name, or its file', completes: 'topology' }],
  options: [
    { flags: '-i, --input <file>', about: 'records as NDJSON; - is stdin', default: '-', completes: 'file' },
    { flags: '--key-field <field>', about: 'take the key from a field of the value where a line has none' },
    { flags: '--partitions <n>', about: 'partitions of every topic', parse: whole('partitions'), default: 1 },
    { flags: '--crashes', about: 'crash at every point of every commit and in restore, and compare the ends' },
    {
      flags: '--at-most <n>',
      about: 'with --crashes: so many commits, spread evenly',
      parse: whole('at-most'),
      default: 20,
    },
  ],
  about: `Runs a topology on records from a file, on ends in memory and without any service, and prints what it writes, by topic and end.
A line is {"topic", "key", "value", "timestamp"}, as \`weir consume\` prints them, or a value alone, as a producer of plain JSON sends it. The
topic may be left out when there is one source. A record that doesn't fit its topic is what it is there: a dead letter, printed with its step and error. Where a source has an idle clock, silence follows the input, so that the last windows close.`,
  examples: [
    ['test topology/sensors.ts --input readings.ndjson', 'what the topology makes of a file of readings'],
    ['test topology/sensors.ts -i readings.ndjson --crashes', 'does every end keep its promise, wherever it crashes?'],
    ['consume orders -e -o ndjson | weir test topology/orders.ts', 'tried on the records of a topic'],
  ],
  output: 'ndjson',
  async run({ args, options, out }) {
    const built = await topologyOf(itemAt(args, 0))
    const inputs = await read(options, out, sourcesOf(built), await plainReaders(built))
    const { partitions, atMost } = options
    const unfit = new Map<string, string>()
    const run = (driver: TopologyTestDriver) => feed(driver, built, inputs, unfit)
    if (!options.crashes) {
      const driver = await TopologyTestDriver.create(built, { partitions })
      await run(driver)
      const rows = outputsOf(driver)
      out.rows(rows, columns)
      for (const [where, why] of unfit) out.note(`${where}: ${why}; it is taken as the bytes that it is`)
      out.note(`${counted(inputs.length, 'record')} in, ${rows.length} out`)
      return
    }
    const reports = await crashReports(built, run, { partitions, atMost })
    const broken = reports.filter(({ ok }) => !ok)
    out.rows(broken, [
      { title: 'CRASH', value: row => row.point },
      { title: 'COMMIT', value: row => row.commit },
      { title: 'VIOLATIONS', value: row => row.violations.join('; ') },
    ])
    const commits = new Set(reports.map(({ commit }) => commit)).size
    const tried = `${counted(reports.length, 'crash').replace(/shs$/, 'shes')} in ${counted(commits, 'commit')}`
    if (broken.length > 0) throw new CheckFailedError(`${tried}: ${broken.length} broke a promise`)
    out.note(`${tried}: every end kept its promise`)
  },
})

const sourcesOf = ({ nodes }: Topology) =>
  nodes.flatMap(({ spec, parents }) =>
    parents.length === 0 && 'topic' in spec && 'owner' in spec && spec.owner === 'author' ? [String(spec.topic)] : [],
  )

/** The sources that read plain JSON beside Avro, each as it does in a worker. */
async function plainReaders({ nodes }: Topology): Promise<PlainReaders> {
  const readers = new Map<string, (json: Buffer) => unknown>()
  for (const node of nodes) {
    if (!isKind(node, 'source') || !node.spec.value?.name.endsWith(' or json')) continue
    const { topic, value } = node.spec
    const codec = await value.bind({ topic, part: 'value', use: 'read', registry: new MemoryRegistry() })
    readers.set(topic, json => codec.decode(json, 0, json.length))
  }
  return readers
}

async function read(
  { input, keyField }: Options,
  out: Output,
  sources: readonly string[],
  plain: PlainReaders,
): Promise<TestInput[]> {
  const bytes = input === '-' ? out.streams.stdin : createReadStream(input)
  const inputs: TestInput[] = []
  let line = 0
  try {
    for await (const lines of linesOf(bytes as AsyncIterable<Buffer>))
      for (const text of lines) {
        line++
        if (text.trim() !== '') inputs.push(testInput(text, `${input}, line ${line}`, { sources, keyField, plain }))
      }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError(`there is no file ${input}`)
    throw error
  }
  return inputs
}

/** `unfit` gets the lines that no producer of the topology's types would have written, and why. */
async function feed(
  driver: TopologyTestDriver,
  { nodes }: Topology,
  inputs: readonly TestInput[],
  unfit: Map<string, string>,
): Promise<void> {
  const { partitionCount } = driver.kafka
  for (const input of inputs) {
    const { topic, where, partition, timestamp } = input
    // Records of a topic with more partitions stay together.
    const place = partition === undefined ? {} : { partition: partition % partitionCount }
    await driver.pipeBytes(topic, { ...bytesFor(driver, input, unfit), timestamp, ...place }).catch((error: Error) => {
      throw new ProcessError(`${where}: ${error.message}`, { cause: error })
    })
  }
  const isIdle = nodes.some(node => isKind(node, 'source') && node.spec.idleMs !== undefined)
  if (isIdle && driver.streamTime >= 0) await driver.advanceStreamTime(driver.streamTime + silenceMs)
}

function bytesFor(driver: TopologyTestDriver, input: TestInput, unfit: Map<string, string>): TestBytes {
  if (input.isBytes) return input.bytes()
  try {
    return driver.encode(input.topic, input)
  } catch (error) {
    unfit.set(input.where, (error as Error).message)
    return input.bytes()
  }
}

function outputsOf(driver: TopologyTestDriver): Row[] {
  const row = (to: string, { key, value, timestamp }: Omit<Row, 'to'>) => ({
    ...{ to, key: plain(key), value: plain(value), timestamp },
  })
  const letters = driver.deadLetters().map(letter => ({
    ...row(deadLetterTopic(letter.source), letter),
    ...{ step: letter.step, error: `${letter.errorClass}: ${letter.errorMessage}` },
  }))
  const ofLetters = new Set(letters.map(({ to }) => to))
  return [
    ...driver.outputTopics
      .filter(topic => !ofLetters.has(topic))
      .flatMap(topic => driver.read(topic).map(record => row(topic, record))),
    ...letters,
    ...driver.targets.flatMap(({ name }) => driver.written(name).map(record => row(name, record))),
  ]
}

/** What JSON can show: a dead letter's bytes as text, or in hexadecimal where they are none. */
const plain = (value: unknown) => {
  if (!Buffer.isBuffer(value)) return value
  return isUtf8(value) ? value.toString('utf8') : `0x${value.toString('hex')}`
}
