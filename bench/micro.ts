import { reading } from '../schemas/types'
import { avro } from '../src/codecs/avro'
import { MemoryRegistry } from '../src/codecs/memory-registry'
import { ByteWriter } from '../src/connectors/kafka/protocol/byte-writer'
import { cutRecords, writeRecordBatch } from '../src/connectors/kafka/protocol/record-batch-encoder'
import { READER_DEFAULTS } from '../src/connectors/kafka/read/reader-options'
import { decodeRecordSet } from '../src/connectors/kafka/read/record-batch-decoder'
import type { OutputRecord } from '../src/connectors/ledger'
import type { Batch } from '../src/connectors/source'
import type { Topology } from '../src/dsl/graph'
import { planOf } from '../src/engine/plan/plan'
import { bindCodecs } from '../src/engine/task/codec-book'
import type { Task } from '../src/engine/task/task'
import { changelogTopic } from '../src/names'
import { Journal } from '../src/state/journal'
import { KeyValueStore } from '../src/state/key-value-store'
import { WindowStore } from '../src/state/window-store'
import { batchOf } from '../src/testing/memory-kafka'
import { markdown, origin } from './harness/report'
import { taskOf } from './micro/bare-task'
import { diskRates } from './micro/disk'
import { cpuMs, perSecond } from './micro/measure'
import { readingBatches } from './micro/readings'
import { over, steps, topic } from './micro/topologies'

const records = 200_000
const slice = 2000
const perCommit = 20_000
const registry = new MemoryRegistry()

/** A task of the part that reads the readings, fed and committed as a worker does it, with ends that take everything. */
async function taskFor(topology: Topology): Promise<Task> {
  const plan = planOf(topology)
  const codecs = await bindCodecs(plan.topology, registry)
  const part = plan.subTopologies.find(({ sources }) => sources.some(({ spec }) => spec.topic === topic))!
  const task = taskOf(plan, part, codecs).start()
  for (const { kind } of part.direct) task.skipBelow(kind, topic, 0)
  return task
}

/** Processes the batches; `commit`: what is done with a checkpoint every 20,000 records. */
async function drain(task: Task, batches: readonly Batch[], commit: (task: Task) => void): Promise<number> {
  const input = task.inputs.find(each => each.topic === topic)!
  // Nothing comes in the others, and nobody waits for it.
  for (const each of task.inputs) each.noteCaughtUp(true)
  let done = 0
  for (const batch of batches) {
    input.feed(batch)
    for (let n = -1; n !== 0; done += Math.max(0, n)) {
      n = task.process(slice)
      if (input.missingSchema !== undefined) {
        await input.missingSchema.load()
        n = -1
      }
      if (done % perCommit < slice) commit(task)
    }
  }
  return done
}

const seal = (task: Task) => {
  task.seal(task.checkpoint())
}

async function stepRates(batches: readonly Batch[], only: string): Promise<[string, number][]> {
  const rates: [string, number][] = []
  for (const [name, build] of Object.entries(steps).filter(([each]) => each.includes(only))) {
    const times: number[] = []
    for (let i = 0; i < 4; i++) {
      const task = await taskFor(over(build))
      const before = cpuMs()
      const done = await drain(task, batches, seal)
      times.push((done / (cpuMs() - before)) * 1000)
    }
    // The first ones compile.
    rates.push([name, Math.max(...times)])
  }
  return rates
}

async function decodeRates(batches: readonly Batch[]): Promise<[string, number][]> {
  const encoded = batches.map(batch => {
    const out = new ByteWriter(1 << 20)
    const each = recordsOf(batch)
    const context = { transactional: false, producerId: -1, epoch: -1, baseSequence: -1 }
    for (const run of cutRecords(each, 1 << 30)) writeRecordBatch(out, run, context)
    return { buffer: out.buffer, count: each.length }
  })
  const at = { topic, partition: 0 }
  const highWatermark = Number.MAX_SAFE_INTEGER
  const codec = await avro(reading).bind({ topic, part: 'value', registry })
  return [
    [
      'record batches (KIP-98), with checksum',
      perSecond(() => {
        for (const { buffer } of encoded)
          decodeRecordSet(at, 0, {
            ...READER_DEFAULTS,
            buffer,
            start: 0,
            end: buffer.length,
            aborted: [],
            highWatermark,
          })
        return records
      }),
    ],
    [
      'Avro value',
      perSecond(() => {
        for (const { buffer, valueStart, valueEnd, count } of batches)
          for (let i = 0; i < count; i++) codec.decode(buffer, valueStart[i]!, valueEnd[i]!)
        return records
      }),
    ],
  ]
}

function recordsOf({ buffer, count, keyStart, keyEnd, valueStart, valueEnd, timestamps }: Batch): OutputRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: buffer.subarray(keyStart[i]!, keyEnd[i]!),
    value: buffer.subarray(valueStart[i]!, valueEnd[i]!),
    timestamp: timestamps[i]!,
  }))
}

function storeRates(): [string, number][] {
  const keys = Array.from({ length: 2000 }, (_, i) => String(i + 1))
  const put = (write: (key: string, i: number) => void, journal: Journal) =>
    perSecond(() => {
      for (let i = 0; i < records; i++) {
        journal.begin()
        write(keys[i % 2000]!, i)
        if (i % perCommit === 0) {
          journal.cut()
          journal.seal()
        }
      }
      return records
    })
  const [one, two] = [new Journal(), new Journal()]
  const keyValue = new KeyValueStore<string, number>('kv', one)
  const window = new WindowStore<string, number>('w', two)
  return [
    ['key-value put', put((key, i) => keyValue.put(key, i), one)],
    ['window put', put((key, i) => window.put(key, 0, i, i), two)],
  ]
}

/** A checkpoint of changed windows, and the restore of what it wrote: entries a second. */
async function checkpointRates(batches: readonly Batch[]): Promise<[string, number][]> {
  const topology = over(steps['tumbling windows, on close']!)
  const changelog = changelogTopic('bench-micro', 'w')
  const task = await taskFor(topology)
  let outputs: OutputRecord[] = []
  let spent = 0
  let entries = 0
  await drain(task, batches, each => {
    const before = cpuMs()
    const checkpoint = each.checkpoint()
    spent += cpuMs() - before
    each.seal(checkpoint)
    const written = checkpoint.outputs.filter(output => output.topic === changelog).flatMap(output => output.records)
    entries += written.length
    outputs = outputs.concat(written)
  })
  const at = { topic: changelog, partition: 0 }
  const batch = batchOf(
    at,
    outputs.map((record, offset) => ({ ...record, ...at, offset })),
  )
  const restored = await taskFor(topology)
  const restore = perSecond(() => {
    restored.state.restoreStore('w', batch)
    return batch.count
  })
  return [
    ['checkpoint, changed windows', (entries / spent) * 1000],
    ['restore, without Kafka', restore],
  ]
}

/** `npm run bench -- micro`: the parts by themselves, without services; `only`: nothing but the steps whose name holds this. */
export async function micro({ only }: { readonly only: string }): Promise<unknown> {
  const batches = await readingBatches(registry, topic, records)
  const parts: [string, [string, number][]][] = [['step', await stepRates(batches, only)]]
  if (only === '') {
    parts.unshift(['decode', await decodeRates(batches)])
    parts.push(['state', [...storeRates(), ...(await diskRates())]], ['commit', await checkpointRates(batches)])
  }
  const figures = parts.flatMap(([part, rates]) => rates.map(([what, perS]) => ({ part, what, perS })))
  const rows = figures.map(({ part, what, perS }) => [
    part,
    what,
    Math.round(perS).toLocaleString('en-US'),
    (1e6 / perS).toFixed(2),
  ])
  const { heading, ...about } = origin()
  const text = `${heading}\n\n${markdown(['', 'what', 'records a CPU second', 'µs each'], rows)}`
  return { text, ...about, figures }
}
