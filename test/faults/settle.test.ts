import type { Verdict } from './checker'
import { settle } from './settle'
import { Kernel } from './world/kernel'

/** A world in which a row is missing until 1 s; `later` happens in it at 4 s. */
function world(later: (violations: string[]) => void) {
  const kernel = new Kernel()
  let violations = ['table raw: 1 lost']
  kernel.after(1_000, () => (violations = []), 'w1')
  kernel.after(4_000, () => later(violations), 'zombie')
  // The world goes on: something happens every 100 ms.
  const again = () => void kernel.after(100, again)
  again()
  const judge = (): Verdict => ({ violations: [...violations], compared: 1 })
  return { kernel, judge, settling: { look: judge, judge, mostMs: 10_000, mostEvents: 1_000 } }
}

test('what is written after everything was right is seen', async () => {
  const { kernel, settling } = world(violations => violations.push('table raw: 1 too many'))
  const { violations } = await settle(kernel, { ...settling, staysMs: 3_500 })
  expect(violations).toEqual(['table raw: 1 too many'])
})

test('what stays right is right', async () => {
  const { kernel, settling } = world(() => {})
  expect(await settle(kernel, { ...settling, staysMs: 3_500 })).toEqual({ violations: [], compared: 1 })
  expect(kernel.time).toBeGreaterThanOrEqual(4_500)
})

test('what was wrong when nothing was lost any more stays so', async () => {
  const { kernel, judge, settling } = world(() => {})
  const look = () => (kernel.time < 500 ? undefined : { violations: ['live, key a: wrong'], compared: 1 })
  expect((await settle(kernel, { ...settling, look, judge, staysMs: 1_000 })).violations).toEqual([
    'live, key a: wrong',
  ])
})

test('what does not become right is late', async () => {
  const { kernel, settling } = world(() => {})
  const { violations } = await settle(kernel, { ...settling, mostMs: 800, staysMs: 3_500 })
  expect(violations).toEqual([expect.stringMatching(/^not done 0.8 s after the last fault/), 'table raw: 1 lost'])
})
