import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { Batch, PartitionEnd, Reader, TopicPartition } from '../../src/connectors/source'
import { planOf } from '../../src/engine/plan/plan'
import { bindCodecs } from '../../src/engine/task/codec-book'
import type { TaskEnvironment } from '../../src/engine/task/task-environment'
import { Standbys } from '../../src/engine/worker/standbys'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'

const plan = planOf(
  topology('app', streams => {
    streams.stream('in', { key: text, value: json() }).groupByKey().count({ name: 'counted' })
    streams.table('rows', { key: text, value: json(), materialized: 'rows', restoreFrom: 'sourceTopic' })
  }),
)
const counted = { topic: 'app-counted-changelog', partition: 0 }
const rows = { topic: 'rows', partition: 0 }

/** A reader over topics in memory whose log may begin anywhere; a batch a record. */
class MemoryReader implements Reader {
  onReady: Reader['onReady']
  onError: Reader['onError']
  readonly at = new Map<string, number>()
  readonly sought: string[] = []

  constructor(
    private readonly kafka: MemoryKafka,
    private readonly starts: Map<string, number>,
  ) {}

  seek({ topic, partition }: TopicPartition, offset: number): void {
    this.sought.push(`${topic} ${offset}`)
    if (offset < (this.starts.get(topic) ?? 0))
      setTimeout(() => this.onError?.(new Error(`${topic} has no offset ${offset}`), { topic, partition }))
    else this.at.set(topic, offset)
    this.wake()
  }
  remove({ topic }: TopicPartition): void {
    this.at.delete(topic)
  }
  peek(at: TopicPartition): Batch | undefined {
    const next = this.at.get(at.topic)
    const record = next === undefined ? undefined : this.kafka.records(at)[next]
    return record && batchOf(at, [record])
  }
  take(at: TopicPartition): Batch | undefined {
    const batch = this.peek(at)
    if (batch !== undefined) this.at.set(at.topic, batch.nextOffset)
    return batch
  }
  end(at: TopicPartition): PartitionEnd | undefined {
    return this.at.has(at.topic)
      ? { endOffset: this.kafka.records(at).length, highWatermark: this.kafka.records(at).length, seenAtMs: 0 }
      : undefined
  }
  wake(): void {
    this.onReady?.()
  }
  async close(): Promise<void> {}
}

async function setUp() {
  const kafka = new MemoryKafka(1)
  const starts = new Map<string, number>()
  const committed = new Map<string, number>()
  const reader = new MemoryReader(kafka, starts)
  const broker = {
    createReader: () => reader,
    endOffset: async (at: TopicPartition) => kafka.records(at).length,
    startOffset: async ({ topic }: TopicPartition) => starts.get(topic) ?? 0,
    committedOffsets: async (at: readonly TopicPartition[]) => at.map(({ topic }) => committed.get(topic) ?? 0),
  }
  const environment = {
    application: 'app',
    codecs: await bindCodecs(plan.topology, new MemoryRegistry()),
    maxFutureMs: Number.POSITIVE_INFINITY,
  } as Partial<TaskEnvironment> as TaskEnvironment
  const told: string[] = []
  const log = { debug: () => {}, info: () => {}, warn: (text: string) => told.push(text), error: () => {} }
  // Time is the test's: a slice of work never ends early because the machine is busy.
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const standbys = new Standbys(plan, environment, broker, clock, log as never)
  const write = (at: TopicPartition, key: string, value: unknown) =>
    kafka.append(at, {
      key: Buffer.from(at === rows ? key : JSON.stringify(key)),
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
      timestamp: 1,
    })
  return { kafka, starts, committed, reader, standbys, told, write }
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

beforeEach(() => jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] }))
afterEach(() => jest.useRealTimers())

test('what is taken over is what was applied, and goes on from there', async () => {
  const { standbys, write, reader } = await setUp()
  for (let i = 0; i < 500; i++) write(counted, `k${i % 50}`, { value: i, timestamp: i })
  standbys.assign(['0_0'], [])
  await pass(200)
  expect(standbys.lags).toEqual({ '0_0': 0 })
  write(counted, 'k1', { value: -1, timestamp: 1 })
  // Queued, and not applied: it is read again by who takes the task.
  const state = standbys.take('0_0')!
  expect(state.restoredTo.get(counted.topic)).toBe(500)
  expect(state.entries).toBe(50)
  expect(reader.at.size).toBe(0)
  // A state that was at work is followed from where its last commit stood.
  standbys.keep('0_0', state)
  standbys.assign(['0_0'], [])
  await pass(100)
  expect(reader.sought).toEqual([`${counted.topic} 0`, `${counted.topic} 500`])
  expect(state.stores.get('counted')!.change('k1').value).toEqual({ value: -1, timestamp: 1 })
  await standbys.close()
})

test('a changelog whose first records were deleted is no state any more, and is not followed', async () => {
  const { standbys, write, starts, told, reader } = await setUp()
  for (let i = 0; i < 10; i++) write(counted, `k${i}`, { value: i, timestamp: i })
  standbys.assign(['0_0'], [])
  await pass(100)
  const state = standbys.take('0_0')!
  for (let i = 10; i < 20; i++) write(counted, `k${i}`, { value: i, timestamp: i })
  starts.set(counted.topic, 15)
  standbys.keep('0_0', state)
  standbys.assign(['0_0'], ['0_0'])
  await pass(100)
  expect(told).toEqual([
    expect.stringMatching(/standby 0_0: .* has no offset 10; following it anew from the start in 5 s/),
  ])
  expect(standbys.lags['0_0']).toBeGreaterThan(1_000_000)
  let warm = 0
  standbys.onWarm = () => warm++
  await pass(6_000)
  expect(reader.sought.at(-1)).toBe(`${counted.topic} 10`)
  expect(standbys.take('0_0')!.entries).toBe(0)
  expect(warm).toBe(0)
  await standbys.close()
})

test("a table's own topic is followed as far as its task has committed", async () => {
  const { standbys, write, committed } = await setUp()
  for (let i = 0; i < 10; i++) write(rows, `k${i}`, { n: i })
  committed.set('rows', 4)
  standbys.assign(['1_0'], [])
  await pass(1_500)
  const state = standbys.take('1_0')!
  expect(state.restoredTo.get('rows')).toBe(4)
  expect(state.stores.get('rows')!.size).toBe(4)
  committed.set('rows', 10)
  standbys.keep('1_0', state)
  standbys.assign(['1_0'], [])
  await pass(2_500)
  expect(state.stores.get('rows')!.size).toBe(10)
  expect(standbys.lags).toEqual({ '1_0': 0 })
  standbys.assign([], [])
  expect(standbys.lags).toEqual({})
  await standbys.close()
})
