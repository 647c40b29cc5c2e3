import type { KeySerde } from '../codecs/codec'
import { TopologyError } from '../errors'
import { subscriptionResponseTopic, subscriptionTopic } from '../names'
import type { Builder } from './builder'
import type { GraphNode } from './graph'
import type { ForeignKeyJoinOptions } from './join-types'
import type { RepartitionSpec } from './nodes'
import { storeSpec } from './store-spec'
import { type KTable, storeOf, tableFrom } from './table'

/**
 * Joins each row of `left` with the row of `right` that it points to (KIP-213). Two internal topics lie between: one brings the
 * subscriptions to the partitions of the foreign keys, the other the answers back.
 */
export function joinOnForeignKey(
  left: KTable<any, any>,
  right: KTable<any, any>,
  type: 'inner' | 'left',
  { name, foreignKey, joiner, ...materialised }: ForeignKeyJoinOptions<any, any, any, any, any>,
): KTable<any, any> {
  const { builder } = left
  if (!name)
    throw new TopologyError(
      'a foreign-key join needs a name: it becomes its internal topics and its store of subscriptions',
    )
  if (right.builder !== builder) throw new TopologyError(`${name}: both sides of a join have to belong to one topology`)
  const subscribe = builder.add(
    'foreignKeySubscribe',
    [left.node.id],
    { type, foreignKey },
    { name: `${name}-subscribe` },
  )
  const asked = through(builder, subscribe, `${name}-subscription-registration`, right.memory.key, {
    topic: subscriptionTopic(builder.name, name),
    keepsNullKeys: type === 'left',
  })
  const store = storeSpec('subscription', { name: `${name}-subscriptions` })
  const answer = builder.add(
    'foreignKeyAnswer',
    [asked.id, right.node.id],
    { store: store.name },
    { name: `${name}-answer`, stores: [store] },
  )
  const answered = through(builder, answer, `${name}-subscription-response`, left.memory.key, {
    topic: subscriptionResponseTopic(builder.name, name),
    // Back to where the left row is, wherever its producer has put it.
    partition: record => (record.value as { partition: number }).partition,
  })
  const result = builder.add(
    'foreignKeyResult',
    [answered.id, left.node.id],
    { type, joiner },
    { name: `${name}-result` },
  )
  return tableFrom(builder, result, name, storeOf(materialised), { key: left.memory.key })
}

/** An internal topic and the source behind it. */
function through(
  builder: Builder,
  from: GraphNode,
  name: string,
  key: KeySerde | undefined,
  extra: Omit<RepartitionSpec, 'key'>,
): GraphNode {
  const { topic } = extra
  const serdes = key === undefined ? {} : { key }
  builder.add('repartition', [from.id], { ...serdes, ...extra }, { name })
  return builder.add(
    'source',
    [],
    { topic, owner: 'weir', ...serdes, onBadRecord: 'fail', internal: 'foreignKey' },
    { name: `${name}-source` },
  )
}
