import fc from 'fast-check'
import { json, text, topology } from '../../src'
import type { Input } from '../../src/engine/task/input'
import { InputQueue } from '../../src/engine/task/input-queue'
import { PriorityQueue } from '../../src/engine/task/priority-queue'
import type { Task } from '../../src/engine/task/task'
import { batchOf } from '../../src/testing/memory-kafka'
import { TopologyTestDriver } from '../../src/testing/test-driver'

const serdes = { key: text, value: json<number>() }

/** A task with so many inputs, whose output is the order in which it takes their records. */
const merged = (inputs: number) =>
  topology('merged', streams => {
    const [first, ...others] = Array.from({ length: inputs }, (_, i) => streams.stream(`in-${i}`, serdes))
    others.reduce((all, each) => all.merge(each), first!).to('out', serdes)
  })

/** How the task takes what waits in its inputs, fed at once. */
async function order(timestamps: readonly (readonly number[])[]): Promise<string[]> {
  const driver = await TopologyTestDriver.create(merged(timestamps.length))
  const [task] = (driver as any).worker.tasks as Task[]
  timestamps.forEach((times, i) => {
    const records = times.map((timestamp, offset) => ({
      ...{ topic: `in-${i}`, partition: 0, offset, timestamp },
      ...{ key: Buffer.from(`${i}-${offset}`), value: Buffer.from('0') },
    }))
    const input = task!.input(`in-${i}`)!
    input.noteCaughtUp(true)
    if (records.length > 0) input.feed(batchOf({ topic: `in-${i}`, partition: 0 }, records))
  })
  task!.process(1_000)
  return task!
    .checkpoint()
    .outputs.flatMap(({ topic, records }) => (topic === 'out' ? records.map(({ key }) => String(key)) : []))
}

test('two inputs of one time take turns, as in Kafka Streams', async () => {
  expect(
    await order([
      [1, 1, 1],
      [1, 1, 1, 1],
    ]),
  ).toEqual(['0-0', '1-0', '0-1', '1-1', '0-2', '1-2', '1-3'])
})

/** As Kafka Streams' test driver takes them: the conformance cases are recorded from it. */
test('any inputs are taken in the order that the test driver takes them in', async () => {
  const ascending = fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }).map(times => [...times].sort((a, b) => a - b))
  await fc.assert(
    fc.asyncProperty(fc.array(ascending, { minLength: 2, maxLength: 4 }), async inputs => {
      const driver = await TopologyTestDriver.create(merged(inputs.length))
      const all = inputs.flatMap((times, i) =>
        times.map((timestamp, offset) => ({ topic: `in-${i}`, key: `${i}-${offset}`, timestamp })),
      )
      const { kafka } = driver
      for (const { topic, key, timestamp } of all)
        kafka.append({ topic, partition: 0 }, { key: Buffer.from(key), value: Buffer.from('0'), timestamp })
      await driver.pipeAll('in-0', [])
      expect(await order(inputs)).toEqual(driver.read('out').map(({ key }) => key))
    }),
    { numRuns: 60 },
  )
})

test('records that can not be read are counted as work, in their order: a turn ends among them, too', async () => {
  const driver = await TopologyTestDriver.create(merged(2))
  const [task] = (driver as any).worker.tasks as Task[]
  for (const [i, values] of [Array<string>(500).fill('{'), ['{', '1']].entries()) {
    const records = values.map((value, offset) => ({
      ...{ topic: `in-${i}`, partition: 0, offset, timestamp: 1 },
      ...{ key: null, value: Buffer.from(value) },
    }))
    task!.input(`in-${i}`)!.noteCaughtUp(true)
    task!.input(`in-${i}`)!.feed(batchOf({ topic: `in-${i}`, partition: 0 }, records))
  }
  expect(task!.process(100)).toBe(100)
  expect([task!.input('in-0')!.position, task!.input('in-1')!.position, task!.processed]).toEqual([100, 0, 0])
  expect(task!.process(1_000)).toBe(402)
  expect(task!.processed).toBe(1)
})

/** An input of texts: a time, or `-` for what is passed over. */
class Texts {
  missingSchema = undefined
  isCaughtUp = true
  head: { readonly timestamp: number } | undefined
  readonly waiting: string[] = []

  constructor(readonly name: number) {}

  look() {
    if (this.head !== undefined) return 'record'
    const [text] = this.waiting
    if (text === undefined) return 'nothing'
    this.waiting.shift()
    if (text === '-') return 'passed'
    this.head = { timestamp: Number(text) }
    return 'record'
  }
}

/** As Kafka Streams' PartitionGroup has it: what has a record is in the queue, always. */
class Always {
  private readonly queue = new PriorityQueue<Texts>(({ head }) => head!.timestamp)
  private last: Texts | undefined

  constructor(private readonly inputs: readonly Texts[]) {}

  take(): Texts | 'passed' | undefined {
    const { last, queue } = this
    const first = last === undefined ? [] : [last]
    for (const input of [...first, ...this.inputs.filter(each => each !== last)]) {
      if (queue.items.includes(input)) continue
      const found = input.look()
      if (found === 'passed') return found
      if (found === 'record') queue.offer(input)
      if (input === last) this.last = undefined
    }
    if (this.inputs.some(input => input.head === undefined && !input.isCaughtUp)) return undefined
    this.last = queue.poll()
    return this.last
  }
}

test('an input that alone has records is taken as if it were queued, whatever comes in the others meanwhile', () => {
  const feed = fc.record({ to: fc.nat(2), texts: fc.array(fc.constantFrom('1', '2', '3', '-'), { maxLength: 4 }) })
  const step = fc.record({ feeds: fc.array(feed, { maxLength: 2 }), late: fc.option(fc.nat(2)), takes: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), steps => {
      const sides = [0, 1].map(side => {
        const inputs = [0, 1, 2].map(name => new Texts(name))
        return { inputs, queue: side === 0 ? new InputQueue(inputs as unknown as Input[]) : new Always(inputs) }
      })
      const runs = sides.map(({ inputs, queue }) =>
        steps.flatMap(({ feeds, late, takes }) => {
          for (const { to, texts } of feeds) inputs[to]!.waiting.push(...texts)
          for (const input of inputs) input.isCaughtUp = input.name !== late
          return Array.from({ length: takes }, () => {
            const taken = queue.take() as Texts | 'passed' | undefined
            if (!(taken instanceof Texts)) return taken
            const at = `${taken.name} ${taken.head?.timestamp}`
            taken.head = undefined
            return at
          })
        }),
      )
      expect(runs[0]).toEqual(runs[1])
    }),
    { numRuns: 2_000 },
  )
})
