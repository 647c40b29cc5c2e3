import { build } from '../adapter'
import { outputsOf } from '../run-case'
import { type Comparison, firstUnlike, type Result } from './compare'
import { drawTopologies } from './draw'
import { families } from './families'
import { drawInputs } from './inputs'

const count = Object.keys(families).length * 3

test('the topologies of a seed are those of the language, and the same in any number of them', () => {
  const drawn = drawTopologies(5, count)
  for (const { name, nodes } of drawn) {
    build(name, nodes, () => {})
    expect(nodes.filter(({ op, topic }) => op === 'to' && topic === 'out')).toHaveLength(1)
  }
  expect(drawTopologies(5, 20)).toEqual(drawn.slice(0, 20))
  expect(drawTopologies(6, count)).not.toEqual(drawn)
  expect(new Set(drawn.map(({ family }) => family)).size).toBe(Object.keys(families).length)
})

test('every family has results to compare, and a value, a time or a result more is noticed', async () => {
  const inputs = drawInputs(7, 0, 40)
  const noticed = new Set<string>()
  for (const { name, nodes, comparison, family } of drawTopologies(7, count)) {
    const read = new Set(nodes.filter(({ op }) => op !== 'to').map(({ topic }) => topic))
    const own = inputs.filter(input => read.has(input.topic))
    const outputs = await outputsOf({ name, title: family, spec: { nodes }, inputs: own, outputs: [] })
    const results = outputs as unknown as Result[]
    expect(firstUnlike(comparison, results, results)).toBeUndefined()
    // Filters of a single topology may leave nothing.
    const at = results.findLastIndex(({ value }) => value !== null)
    if (at === -1) continue
    const { key, value, timestamp } = results[at]!
    const wrong: Result[] = [
      { key, value, timestamp: timestamp + 1 },
      { key, value: 'other', timestamp },
    ]
    for (const planted of comparison === 'last value' ? wrong.slice(1) : wrong) {
      const spoilt = [...results.slice(0, at), planted, ...results.slice(at + 1)]
      expect([family, firstUnlike(comparison, spoilt, results)]).not.toEqual([family, undefined])
    }
    const more = { key: 'nobody', value: 1, timestamp }
    expect(firstUnlike(comparison, results, [...results, more])?.key).toBe('"nobody"')
    noticed.add(family)
  }
  expect([...noticed].sort()).toEqual(Object.keys(families).sort())
})

describe('each comparison sees what it is for, and no more', () => {
  const of = (...values: unknown[]): Result[] => values.map(value => ({ key: 'a', value, timestamp: 1 }))
  const differ = (comparison: Comparison, a: Result[], b: Result[]) => firstUnlike(comparison, a, b) !== undefined
  test.each<[Comparison, boolean, boolean, boolean, boolean]>([
    ['sequence', true, true, true, true],
    ['set', false, true, true, true],
    ['last', true, false, true, false],
    ['last value', true, false, true, false],
  ])(
    '%s: another order %s, one in between %s, another last %s, a tombstone for nothing %s',
    (by, order, between, last, none) => {
      expect(differ(by, of(1, 2), of(2, 1))).toBe(order)
      expect(differ(by, of(1, 2), of(2))).toBe(between)
      expect(differ(by, of(1, 2), of(1, 3))).toBe(last)
      expect(differ(by, of(null), of())).toBe(none)
    },
  )
  test('fields of a value in another order are the same value', () => {
    expect(differ('set', of({ l: 1, r: 2 }, 3), of(3, { r: 2, l: 1 }))).toBe(false)
  })
})
