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
