import { json, text, topology } from '../../src'
import { ownedTopics } from '../../src/engine/plan/owned-topics'
import { planOf } from '../../src/engine/plan/plan'

const serdes = { key: text, value: json<any>() }
/** Its sources and results are named as if weir had made them. */
const plan = planOf(
  topology('orders', streams => {
    streams
      .stream('orders-changelog', serdes)
      .groupByKey()
      .count({ name: 'counts' })
      .toStream()
      .to('orders-replies-topic', serdes)
  }),
)
const own = ['orders-counts-changelog', 'orders-queries', 'orders-replies', 'orders-times-changelog']
const authors = ['orders-changelog', 'orders-replies-topic', 'orders-topic', 'other-changelog', 'orders']

test("an application's own topics are those that it uses and those that an earlier version of it left", () => {
  const left = ['orders-by-customer-repartition', 'orders-join-subscription-registration-topic', 'orders-x-outbox']
  expect(ownedTopics(plan, [...own, ...left, ...authors])).toEqual({ own: [...own, ...left].sort(), others: [] })
})

test('topics of an application whose name begins alike are not among them', () => {
  const others = ['orders-eu-counts-changelog', 'orders-eu-replies', 'orders-eu-times-changelog']
  expect(ownedTopics(plan, [...own, ...others])).toEqual({ own, others })
  const stateless = ['orders-us-by-id-repartition']
  expect(ownedTopics(plan, [...own, ...stateless], ['orders', 'orders-us'])).toEqual({ own, others: stateless })
  // What the topology uses is its own, whatever other groups are called.
  expect(ownedTopics(plan, own, ['orders-counts']).own).toEqual(own)
})
