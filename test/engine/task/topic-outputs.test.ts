import { json, text } from '../../../src'
import { MemoryRegistry } from '../../../src/codecs/memory-registry'
import type { OutputRecord } from '../../../src/connectors/ledger'
import type { Codecs } from '../../../src/engine/task/codec-book'
import { noLimits } from '../../../src/engine/task/output-topics'
import { TopicOutputs } from '../../../src/engine/task/topic-outputs'
import type { JudgedOutput } from '../../../src/engine/task/verdicts'
import { ContentError } from '../../../src/errors'
import { headersFrom } from '../../../src/header-lists'

const record = (key: string | null, value: unknown = 'v', more: object = {}) => ({ key, value, timestamp: 5, ...more })
const raw = (key: string | null, value: string | null): OutputRecord => ({
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  timestamp: 5,
})

/** Topics of four partitions, save `chosen…` of two that records choose; a key goes by its first byte. */
async function scene(maxBytes = Number.POSITIVE_INFINITY) {
  const asked: [string, boolean | undefined][] = []
  const find = (topic: string, isChosen?: boolean) => {
    asked.push([topic, isChosen])
    return { partitions: topic.startsWith('chosen') ? 2 : 4, limits: { ...noLimits, maxBytes } }
  }
  const outputs = new TopicOutputs(find, (key, count) => (key?.[0] ?? 0) % count, { now: () => 0 })
  const context = { topic: 'out', registry: new MemoryRegistry() }
  const codecs = {
    key: await text.bind({ ...context, part: 'key' }),
    value: await json<unknown>().bind({ ...context, part: 'value' }),
  } as unknown as Codecs
  const of = (spec: object, kind = 'to') => outputs.of({ kind, spec } as never, codecs)
  const taken = () =>
    outputs
      .take()
      .map(({ topic, partition, records }) => [`${topic}/${partition}`, records.map(({ key }) => String(key))])
  return { outputs, of, taken, asked }
}

test('records are handed over once, by partition, each partition in order', async () => {
  const { outputs, taken } = await scene()
  outputs.add('a', 0, raw('k1', 'v'))
  outputs.add('b', 0, raw('k2', 'v'))
  outputs.add('a', 1, raw('k3', 'v'))
  outputs.add('a', 0, raw('k4', null))
  expect([outputs.size, outputs.bytes]).toEqual([4, 11])
  expect(taken()).toEqual([
    ['a/0', ['k1', 'k4']],
    ['b/0', ['k2']],
    ['a/1', ['k3']],
  ])
  expect([outputs.size, outputs.bytes, taken()]).toEqual([0, 0, []])
  outputs.add('c', 0, raw('k5', ''))
  expect([outputs.size, outputs.bytes]).toEqual([1, 2])
  expect(taken()).toEqual([['c/0', ['k5']]])
})

test('what came since a mark can be taken back, and its bytes with it', async () => {
  const { outputs, taken } = await scene()
  outputs.add('a', 0, raw('k1', 'v'))
  const mark = outputs.size
  outputs.add('b', 1, raw('k2', 'value'))
  outputs.add('c', 2, raw('k3', 'value'))
  outputs.reset(outputs.size)
  expect(outputs.size).toBe(3)
  outputs.reset(mark)
  expect([outputs.size, outputs.bytes]).toEqual([1, 3])
  outputs.add('d', 3, raw('k4', 'v'))
  expect(taken()).toEqual([
    ['a/0', ['k1']],
    ['d/3', ['k4']],
  ])
})

test('a record goes to the partition of its key, and those without one go in turn', async () => {
  const { of, taken } = await scene()
  const { write, partitionOf } = of({ topic: 'out' })
  for (const key of ['a', null, null, 'b', null, null, null]) write(record(key))
  expect(taken()).toEqual([
    ['out/1', ['a', 'null']],
    ['out/0', ['null', 'null']],
    ['out/2', ['b', 'null']],
    ['out/3', ['null']],
  ])
  expect(['a', 'd'].map(partitionOf)).toEqual([1, 0])
})

test('an author’s partitioner is asked with the record, and has to name a partition of the topic', async () => {
  const { of, taken } = await scene()
  const { write } = of({
    topic: 'out',
    partition: ({ value }: { value: number }, count: number) => value % (count + 1),
  })
  write(record('a', 3))
  write(record('a', 7))
  expect(() => write(record('a', 4))).toThrow('0 to 3')
  expect(taken()).toEqual([
    ['out/3', ['a']],
    ['out/2', ['a']],
  ])
})

test('a record may choose its topic, and that it did so is known to whoever finds it', async () => {
  const { of, taken, asked } = await scene()
  of({ topic: ({ value }: { value: string }) => `chosen-${value}` }).write(record('c', 'x'))
  of({ topic: 'out' }).write(record('c'))
  expect(taken()).toEqual([
    ['chosen-x/1', ['c']],
    ['out/3', ['c']],
  ])
  expect(asked).toEqual([
    ['chosen-x', true],
    ['out', false],
  ])
})

test('key, value, timestamp and headers are written as they are', async () => {
  const { outputs, of } = await scene()
  const headers = { h: Buffer.from('1'), 'weir.time': Buffer.from('2') }
  const repeated = headersFrom([
    ['h', Buffer.from('1')],
    ['h', null],
  ])
  const { write } = of({ topic: 'out' })
  write(record('a', { x: 1 }))
  write(record('a', null, { headers }))
  write(record('a', 'v', { headers: repeated }))
  const [first, second, third] = outputs.take().flatMap(({ records }) => records)
  expect(first).toEqual({ key: Buffer.from('a'), value: Buffer.from('{"x":1}'), timestamp: 5 })
  expect(second).toEqual({ key: Buffer.from('a'), value: null, timestamp: 5, headers })
  expect(third?.headers).toBeUndefined()
  expect(third?.headerList).toEqual([
    ['h', Buffer.from('1')],
    ['h', null],
  ])
})

test('in a topic between steps an author’s header can not be taken for the times that go there', async () => {
  const { outputs, of } = await scene()
  const headers = { 'weir.time': Buffer.from('1') }
  of({ topic: 'between' }, 'repartition').write(record('a', 'v', { headers }))
  const [output] = outputs.take()
  expect(output?.records[0]?.headers).toEqual({ '~weir.time': Buffer.from('1') })
})

test('what its topic does not take is refused before it is gathered', async () => {
  const { outputs, of } = await scene(100)
  const { write } = of({ topic: 'out' })
  expect(() => write(record('a', 'v'.repeat(100)))).toThrow('max.message.bytes 100')
  expect(outputs.size).toBe(0)
})

test('what Kafka has refused before is refused as it is written again, until nothing is known of it', async () => {
  const { outputs, of } = await scene()
  const { write } = of({ topic: 'out' })
  const refusedOutput = (topic: string, { value }: JudgedOutput) =>
    topic === 'out' && String(value) === '"bad"' ? new ContentError('not that') : undefined
  outputs.judgeBy({ refusalOf: () => undefined, refusedOutput, leftOut: {} })
  write(record('a', 'good'))
  expect(() => write(record('a', 'bad'))).toThrow('not that')
  expect(outputs.size).toBe(1)
  outputs.judgeBy(undefined)
  write(record('a', 'bad'))
  expect(outputs.size).toBe(2)
})
