import type { KeySerde } from '../../codecs/codec'
import { TopologyError } from '../../errors'
import { subscriptionResponseTopic, subscriptionStore, subscriptionTopic } from '../../names'
import type { ForeignKeyJoinOptions } from '../face/table-joins'
import type { GraphNode } from '../graph/graph-node'
import { storeSpec } from '../graph/store-spec'
import type { RepartitionSpec } from '../graph/stream-specs'
import type { Builder } from './builder'
import { checkOneTopology, type TableDraft } from './drafts'
import { storeOf, tableFrom } from './tables'

/**
 * Joins each row of `left` with the row of `right` that it points to (KIP-213). Two internal topics lie between: one brings the
 * subscriptions to the partitions of the foreign keys, the other the answers back.
 */
export function joinOnForeignKey(
  left: TableDraft,
  right: TableDraft,
  type: 'inner' | 'left',
  { name, foreignKey, joiner, ...materialised }: ForeignKeyJoinOptions<any, any, any, any, any>,
): TableDraft {
  const { builder } = left
  if (!name)
    throw new TopologyError(
      'a foreign-key join needs a name: it becomes its internal topics and its store of subscriptions',
    )
  checkOneTopology(name, 'both sides of a join', builder, right.builder)
  const subscribe = builder.add(
    'foreignKeySubscribe',
    [left.node.id],
    { type, foreignKey },
    { name: `${name}-subscribe` },
  )
  const asked = through(builder, subscribe, `${name}-subscription-registration`, right.key, {
    topic: subscriptionTopic(builder.name, name),
    keepsNullKeys: type === 'left',
  })
  const store = storeSpec('subscription', { name: subscriptionStore(name) })
  const answer = builder.add(
    'foreignKeyAnswer',
    [asked.id, right.node.id],
    { store: store.name },
    { name: `${name}-answer`, stores: [store] },
  )
  const answered = through(builder, answer, `${name}-subscription-response`, left.key, {
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
  return { ...tableFrom(left, result, name, storeOf(materialised)), key: left.key }
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
