import { Recent } from '../../src/engine/worker/recent'

test('what took long is forgotten after 30 s, whether anything follows or not', () => {
  let at = 0
  const recent = new Recent({ monotonic: () => at })
  for (const ms of [6_000, 7_000, 8_000]) recent.add(ms)
  expect(recent.quantiles).toEqual({ p50: 7_000, p99: 8_000 })
  at = 30_001
  expect(recent.quantiles).toBeUndefined()
  recent.add(20)
  expect(recent.quantiles).toEqual({ p50: 20, p99: 20 })
})

test('of the last 256', () => {
  const recent = new Recent({ monotonic: () => 0 })
  for (let ms = 1; ms <= 512; ms++) recent.add(ms)
  expect(recent.quantiles).toEqual({ p50: 384, p99: 510 })
})

test('what was there 30 s ago still counts, and nothing is said of nothing', () => {
  let at = 1_000
  const recent = new Recent({ monotonic: () => at })
  expect(recent.quantiles).toBeUndefined()
  recent.add(4)
  at = 31_000
  expect(recent.quantiles).toEqual({ p50: 4, p99: 4 })
  // Old ones are left out of those that are new, wherever they are kept.
  recent.add(1)
  at = 31_001
  expect(recent.quantiles).toEqual({ p50: 1, p99: 1 })
})

test('quantiles are lengths that something really took, whatever the order', () => {
  const recent = new Recent({ monotonic: () => 0 })
  for (const ms of [10, 9, 100, 1]) recent.add(ms)
  expect(recent.quantiles).toEqual({ p50: 9, p99: 100 })
  recent.add(11)
  expect(recent.quantiles).toEqual({ p50: 10, p99: 100 })
})
