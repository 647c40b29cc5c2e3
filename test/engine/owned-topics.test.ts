import { json, TopologyError, text, topology } from '../../src'
import { memory } from '../../src/connectors/memory/memory-target'
import { ownedTopics } from '../../src/engine/plan/owned-topics'
import { planOf } from '../../src/engine/plan/plan'
import { isReserved } from '../../src/names'

const serdes = { key: text, value: json<any>() }
const plan = planOf(
  topology('orders', streams => {
    streams.stream('orders-in', serdes).groupByKey().count({ name: 'counts' }).toStream().to('orders-out', serdes)
  }),
)
const own = ['orders-counts-changelog', 'orders-queries', 'orders-replies', 'orders-times-changelog', 'orders-vitals']

test("an application's own topics are those that it uses and those that are noted of earlier versions of it", () => {
  const left = ['orders-by-customer-repartition', 'orders-x-outbox']
  const others = ['orders-in', 'orders-out', 'orders-eu-counts-changelog', 'orders-y-outbox', 'orders']
  expect(ownedTopics(plan, [...own, ...left, ...others], left)).toEqual([...own, ...left].sort())
})

test('what is on its way to an end is among them, what the author writes is not', () => {
  const withEnd = planOf(
    topology('orders', streams => {
      const counts = streams.stream('orders-in', serdes).groupByKey().count({ name: 'counts' }).toStream()
      counts.filter(() => true, { name: 'few' }).to(memory({ name: 'rows' }))
      counts.repartition({ name: 'again' }).to('orders-out', serdes)
    }),
  )
  const there = ['orders-few-outbox', 'orders-again-repartition', 'orders-in', 'orders-out']
  expect(ownedTopics(withEnd, there, [])).toEqual(['orders-again-repartition', 'orders-few-outbox'])
})

test('only topics that exist are among them', () => {
  expect(ownedTopics(plan, ['orders-queries'], ['orders-gone-changelog'])).toEqual(['orders-queries'])
})

describe("a name that is weir's", () => {
  const names = [
    'x-changelog',
    'x-repartition',
    'x-outbox',
    'queries',
    'replies',
    'vitals',
    'a-b-subscription-response-topic',
  ]

  test.each(names)('is refused to an author: orders-%s', name => {
    const topic = `orders-${name}`
    expect(isReserved('orders', topic)).toBe(true)
    const reads = () => topology('orders', streams => streams.stream(topic, serdes).peek(() => {}))
    const writes = () => topology('orders', streams => streams.stream('in', serdes).to(topic, serdes))
    for (const building of [reads, writes]) {
      expect(building).toThrow(TopologyError)
      expect(building).toThrow(new RegExp(`topics named like "${topic}" are made by weir`))
    }
  })

  test("another application's may be read, and names that only look alike are the author's", () => {
    for (const topic of ['shop-x-changelog', 'orderschangelog', 'orders-changelogs', 'queries', 'orders_x-outbox'])
      expect(isReserved('orders', topic)).toBe(false)
  })
})
