import { LateLog } from '../../src/engine/worker/late-log'

function scene() {
  const lines: { readonly step: string; readonly late: number; readonly lateByMs: number; readonly text: string }[] = []
  const warn = (facts: object, text: string) => void lines.push({ ...facts, text } as (typeof lines)[number])
  return { lines, late: new LateLog({ debug: () => {}, info: () => {}, error: () => {}, warn } as never) }
}

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

test('what came too late is said a minute after the first of it, by step, with the latest of all', () => {
  const { lines, late } = scene()
  late.note('sums', 2, 500)
  jest.advanceTimersByTime(30_000)
  late.note('sums', 1, 900)
  late.note('sums', 1, 700)
  late.note('counts', 1, 5)
  jest.advanceTimersByTime(29_999)
  expect(lines).toEqual([])
  jest.advanceTimersByTime(1)
  expect(lines).toMatchObject([
    { step: 'sums', late: 4, lateByMs: 900 },
    { step: 'counts', late: 1, lateByMs: 5 },
  ])
  expect(lines.map(({ text }) => /too late for (\d+ windows?) /.exec(text)?.[1])).toEqual(['4 windows', '1 window'])
})

test('what was said counts no more, and the next minute begins with the next late record', () => {
  const { lines, late } = scene()
  late.note('sums', 2, 500)
  jest.advanceTimersByTime(120_000)
  late.note('sums', 1, 10)
  jest.advanceTimersByTime(59_999)
  expect(lines).toHaveLength(1)
  jest.advanceTimersByTime(1)
  expect(lines[1]).toMatchObject({ late: 1, lateByMs: 10 })
})

test('a worker that ends says what it has counted, once', () => {
  const { lines, late } = scene()
  late.note('sums', 1, 10)
  late.close()
  expect(lines).toHaveLength(1)
  expect(jest.getTimerCount()).toBe(0)
  jest.advanceTimersByTime(60_000)
  expect(lines).toHaveLength(1)
})
