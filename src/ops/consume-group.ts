import type { ConsumedBatch } from '../connectors/kafka/consumed-batch'
import type { Cluster } from './cluster'
import { type ConsumeOptions, Picker, topicFacts } from './consume'
import { RefusedError } from './errors'
import { compileFilter } from './filter/filter'
import { GroupSource } from './group-source'
import { findGroup } from './groups'
import { type Decoders, prepare, type TopicFacts } from './record-json'
import { partitionsOf } from './topics'
import { isWeirGroup } from './weir-group'

/**
 * Like `consume`, as a member of a group: its partitions are shared with the other members, and offsets are committed once the
 * caller has asked for the next batch, each second, and at the end. At least once. Throws RefusedError for the group of a weir
 * topology.
 */
export async function* consumeGroup<T>(
  cluster: Cluster,
  groupId: string,
  options: Omit<ConsumeOptions, 'partitions'>,
  decoders: Decoders,
  render: (facts: TopicFacts, decoders: Decoders, batch: ConsumedBatch, index: number) => T,
): AsyncGenerator<T[]> {
  const { topic, readCommitted = true, count = Number.POSITIVE_INFINITY, signal } = options
  const filter = options.filter === undefined ? undefined : compileFilter(options.filter)
  await partitionsOf(cluster, topic)
  const known = await findGroup(cluster, groupId)
  if (known !== undefined && isWeirGroup(known.offsets)) {
    throw new RefusedError(
      `group "${groupId}" belongs to a weir application: a foreign member would take its partitions`,
    )
  }
  const facts = await topicFacts(cluster, topic)
  const picker = new Picker(topic, decoders, filter)
  const source = new GroupSource(cluster, { groupId, topic, from: options.from ?? 'earliest', readCommitted })
  let wake = () => {}
  const changed = () => wake()
  source.onChange = changed
  signal?.addEventListener('abort', changed)
  let left = count
  try {
    while (left > 0 && !signal?.aborted) {
      if (source.failure !== undefined) throw source.failure
      const batch = source.take()
      if (batch === undefined) {
        if (options.exitAtEnd && source.atEnd()) return
        await new Promise<void>(resolve => {
          wake = resolve
        })
        continue
      }
      await prepare(decoders, batch)
      const picked: T[] = []
      let next = batch.nextOffset
      for (let i = 0; i < batch.count; i++) {
        if (!picker.takes(batch, i)) continue
        picked.push(render(facts, decoders, batch, i))
        if (--left > 0) continue
        next = batch.offsets[i]! + 1
        break
      }
      if (picked.length > 0) yield picked
      await source.settle(batch.partition, next)
    }
  } finally {
    signal?.removeEventListener('abort', changed)
    await source.close()
  }
}
