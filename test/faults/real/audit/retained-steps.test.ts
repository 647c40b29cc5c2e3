import { RetainedSteps } from './retained-steps'

function faultsOf(...values: number[]): string[] {
  const steps = new RetainedSteps()
  for (const value of values) steps.take('a', value)
  return steps.takeFaults()
}

test('each value after the one before it, also again, and from an older one on', () => {
  expect(faultsOf(10, 20, 30)).toEqual([])
  expect(faultsOf(10, 20, 20, 30, 30)).toEqual([])
  expect(faultsOf(10, 20, 30, 10, 20, 30, 40)).toEqual([])
  expect(faultsOf(10, 20, 30, 10, 20, 10, 20, 30, 40)).toEqual([])
})

test('an old value that comes between two new ones, or before one that is not the next', () => {
  expect(faultsOf(10, 20, 30, 10, 40)).toEqual(['a: 40 came behind 10, and not behind 30'])
  expect(faultsOf(10, 20, 30, 10, 30)).toEqual(['a: 30 came behind 10, and not behind 20'])
})

test('an older value that was never there before is no newer one', () => {
  expect(faultsOf(20, 30, 10)).toEqual(['a: 10 came behind 30, which is newer'])
})

test('topics have courses of their own, and after an outage new ones', () => {
  const steps = new RetainedSteps()
  steps.take('a', 10)
  steps.take('b', 30)
  steps.take('a', 20)
  steps.forget()
  steps.take('a', 10)
  steps.take('b', 20)
  expect(steps.takeFaults()).toEqual([])
})
