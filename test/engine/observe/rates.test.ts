import { Rates } from '../../../src/engine/observe/rates'

const none = new Map<string, number>()
const counts = (n: number) => ({ end: new Map([['a', n]]), step: new Map([['a', 10 * n]]), task: none })

test('a rate is what a counter has grown by, a second', () => {
  const rates = new Rates()
  expect(rates.of('end', 'a')).toBe(0)
  rates.look(5_000, counts(3))
  expect(rates.of('end', 'a')).toBe(0)
  rates.look(7_000, counts(9))
  expect([rates.of('end', 'a'), rates.of('step', 'a'), rates.of('task', 'a'), rates.of('end', 'b')]).toEqual([
    3, 30, 0, 0,
  ])
})

test('one that began between two looks began at nothing, one that is gone or began anew has no rate', () => {
  const rates = new Rates()
  rates.look(0, { end: none, step: none, task: none })
  rates.look(2_000, counts(8))
  expect(rates.of('end', 'a')).toBe(4)
  const gone = new Rates()
  gone.look(0, counts(8))
  gone.look(1_000, { end: none, step: none, task: none })
  expect(gone.of('end', 'a')).toBe(0)
})

test('it is over the last six looks', () => {
  const rates = new Rates()
  for (const [second, n] of [100, 0, 9, 9, 9, 9, 10].entries()) rates.look(second * 1000, counts(n))
  expect(rates.of('end', 'a')).toBe(2)
})

test('two looks at the same moment say nothing', () => {
  const rates = new Rates()
  rates.look(1_000, counts(1))
  rates.look(1_000, counts(5))
  expect(rates.of('end', 'a')).toBe(0)
})

test('what was looked at may change afterwards', () => {
  const rates = new Rates()
  const end = new Map([['a', 1]])
  rates.look(0, { end, step: end, task: end })
  end.set('a', 3)
  rates.look(1_000, { end, step: end, task: end })
  end.set('a', 99)
  expect((['end', 'step', 'task'] as const).map(what => rates.of(what, 'a'))).toEqual([2, 2, 2])
})
