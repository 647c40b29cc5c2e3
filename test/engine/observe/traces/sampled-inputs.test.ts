import { SampledInputs } from '../../../../src/engine/observe/traces/sampled-inputs'
import { batchOf } from '../../../../src/testing/memory-kafka'

const at = { topic: 'in', partition: 0 }
const digits = (n: number, length: number) => n.toString(16).padStart(length, '0')
const header = (span: number, flags = '01') => ({
  traceparent: Buffer.from(`00-${digits(span, 32)}-${digits(span, 16)}-${flags}`),
})
/** Records from `offset` on, each with the header of a span; 0 is none. */
const batch = (offset: number, spans: readonly number[], partition = 0) =>
  batchOf(
    { ...at, partition },
    spans.map((span, i) => ({
      ...{ topic: 'in', partition, key: null, value: null, timestamp: 0, offset: offset + i },
      ...(span > 0 && { headers: header(span) }),
    })),
  )
const spansOf = (contexts: readonly { spanId: string }[]) => contexts.map(({ spanId }) => Number.parseInt(spanId, 16))

test('records of sampled traces leave with the position that has passed them, in their order', () => {
  const inputs = new SampledInputs()
  inputs.note(batch(5, [1, 0, 2]))
  inputs.note(batch(8, [3]))
  inputs.note(batch(0, [9], 1))
  expect(spansOf(inputs.take(at, 5))).toEqual([])
  expect(spansOf(inputs.take(at, 7))).toEqual([1])
  expect(spansOf(inputs.take(at, 9))).toEqual([2, 3])
  expect(spansOf(inputs.take(at, 9))).toEqual([])
  expect(spansOf(inputs.take({ ...at, partition: 1 }, 1))).toEqual([9])
  expect(inputs.take({ ...at, topic: 'other' }, 99)).toEqual([])
})

test('one that is left stays until a position has passed it', () => {
  const inputs = new SampledInputs()
  inputs.note(batch(5, [1, 2]))
  expect(spansOf(inputs.take(at, 6))).toEqual([1])
  expect(spansOf(inputs.take(at, 6))).toEqual([])
  expect(spansOf(inputs.take(at, 7))).toEqual([2])
})

test('those that one span wrote in a row are one, and those that are not sampled are none', () => {
  const inputs = new SampledInputs()
  inputs.note(batch(0, [1, 1, 2, 1]))
  expect(spansOf(inputs.take(at, 9))).toEqual([1, 2, 1])
  const record = { ...at, key: null, value: null, timestamp: 0, offset: 0, headers: header(1, '00') }
  inputs.note(batchOf(at, [record]))
  expect(inputs.take(at, 9)).toEqual([])
})

test('of a batch 32 are noted, of a partition 128 until they are taken', () => {
  const inputs = new SampledInputs()
  const many = Array.from({ length: 40 }, (_, i) => i + 1)
  inputs.note(batch(0, many))
  expect(spansOf(inputs.take(at, 100))).toEqual(many.slice(0, 32))
  for (let i = 0; i < 5; i++) inputs.note(batch(100 * i, many))
  const waited = inputs.take(at, 1_000)
  expect(waited.length).toBe(128)
  inputs.note(batch(1_000, [7]))
  expect(spansOf(inputs.take(at, 2_000))).toEqual([7])
})

test('after a task was opened anew nothing of before is known', () => {
  const inputs = new SampledInputs()
  inputs.note(batch(0, [1]))
  inputs.clear()
  expect(inputs.take(at, 9)).toEqual([])
})
