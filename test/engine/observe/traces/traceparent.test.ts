import { isSampled, parseSampled, traceparentOf } from '../../../../src/engine/observe/traces/traceparent'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'
const parsed = (text: string) => parseSampled(Buffer.from(text))

test('a header of the present version is read, whatever other flags it has, and written as it was read', () => {
  const context = { traceId, spanId, traceFlags: 1 }
  for (const flags of ['01', '03', 'ff']) expect(parsed(`00-${traceId}-${spanId}-${flags}`)).toEqual(context)
  for (const flags of ['00', '02', 'fe']) expect(parsed(`00-${traceId}-${spanId}-${flags}`)).toBeUndefined()
  expect(String(traceparentOf(context))).toBe(`00-${traceId}-${spanId}-01`)
  expect(String(traceparentOf({ ...context, traceFlags: 16 }))).toBe(`00-${traceId}-${spanId}-10`)
})

test('what a later version adds is of no use here, what the present one adds is a fault', () => {
  expect(parsed(`01-${traceId}-${spanId}-01-more`)).toBeDefined()
  expect(parsed(`01-${traceId}-${spanId}-01`)).toBeDefined()
  expect(parsed(`00-${traceId}-${spanId}-01-`)).toBeUndefined()
  expect(parsed(`ff-${traceId}-${spanId}-01`)).toBeUndefined()
  expect(parsed(`00-${'0'.repeat(32)}-${spanId}-01`)).toBeUndefined()
  expect(parsed(`00-${traceId}-${'0'.repeat(16)}-01`)).toBeUndefined()
  expect(parsed(` 00-${traceId}-${spanId}-01`)).toBeUndefined()
})

test('a context is sampled where its flag says so, whatever others it has', () => {
  expect([0, 1, 2, 3].map(traceFlags => isSampled({ traceId, spanId, traceFlags }))).toEqual([false, true, false, true])
})
