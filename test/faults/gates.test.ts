import { lacksOf, neverStruck, noTotals, type Totals } from './gates'
import { cutShort } from './outcome'

const MANY = 500
const nothing = (seeds: number): Totals => ({ ...noTotals(), seeds })
/** Everything that many seeds have to strike, struck once. */
const everything = (): Totals => ({
  ...{ ...nothing(MANY), carriedOver: 1, ahead: 1 },
  places: new Map(neverStruck({ ...nothing(MANY), carriedOver: 1, ahead: 1 }).map(place => [place, 1])),
})

test('few seeds have to strike nothing', () => {
  expect(neverStruck(nothing(1))).toEqual([])
  expect(neverStruck(nothing(99))).toEqual([])
})

test('of some seeds a task has to have gone on through a rebalance, and an end without another', () => {
  const [none, other] = ['no task went on through a rebalance', 'no end went on without another']
  expect(neverStruck(nothing(100))).toEqual([none, other])
  expect(neverStruck({ ...nothing(100), carriedOver: 1 })).toEqual([other])
  expect(neverStruck({ ...nothing(100), ahead: 1 })).toEqual([none])
})

test('many seeds that struck every place lack none', () => {
  expect(everything().places.size).toBeGreaterThan(100)
  expect(neverStruck(everything())).toEqual([])
})

test.each(['killAtEnd table commit asked', 'wrongAfter EndTxn', 'compaction', 'liveLost write before'])(
  'many seeds that never struck "%s" lack it, and it alone',
  place => {
    const totals = everything()
    expect(totals.places.delete(place)).toBe(true)
    expect(neverStruck(totals)).toEqual([place])
  },
)

test('of errors of one kind any will do, and without one the first is told', () => {
  const totals = everything()
  const [fenced, other] = ['wrongAfter EndTxn PRODUCER_FENCED', 'wrongAfter EndTxn INVALID_PRODUCER_EPOCH']
  const kind = [...totals.places.keys()].filter(place => place === fenced || place === other)
  expect(kind).toHaveLength(1)
  totals.places.delete(kind[0] ?? '')
  expect(neverStruck(totals)).toEqual(kind)
  for (const each of [fenced, other]) {
    expect(neverStruck({ ...totals, places: new Map([...totals.places, [each, 1]]) })).toEqual([])
  }
})

test('what lacks is told beside a place that was never struck', () => {
  const totals = everything()
  totals.places.delete('compaction')
  expect(neverStruck({ ...totals, carriedOver: 0 })).toEqual(['no task went on through a rebalance', 'compaction'])
})

test('a seed that was cut short lacks nothing beside its end', () => {
  const { cut, ...through } = cutShort(1, 'exit', 'it ended')
  expect(lacksOf({ ...through, cut: 'exit' })).toEqual([])
  expect(lacksOf(through)).toContain('nothing was compared')
  expect(cut).toBe('exit')
})
