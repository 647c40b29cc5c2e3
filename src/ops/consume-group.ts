import type { Cluster } from './cluster'
import { type ConsumeOptions, openAll, Picker, type Take } from './consume'
import { RefusedError } from './errors'
import { compileFilter } from './filter/filter'
import { GroupSource } from './group-source'
import { findGroup } from './groups'
import type { Decoders, TopicFacts } from './record-json'
import { requireTopic } from './topics'
import { isWeirGroup } from './weir-group'

/**
 * Like `consume`, as a member of a group: its partitions are shared with the other members, and offsets are committed once the
 * caller has asked for the next batch, each second, and at the end. At least once. Throws RefusedError for the group of a weir
 * topology.
 */
export async function* consumeGroup(
  cluster: Cluster,
  groupId: string,
  options: Omit<ConsumeOptions, 'partitions'>,
  decoders: Decoders,
  open: (facts: TopicFacts) => Take,
): AsyncGenerator<number> {
  const { topics, readCommitted = true, count = Number.POSITIVE_INFINITY, signal } = options
  const filter = options.filter === undefined ? undefined : compileFilter(options.filter)
  for (const topic of topics) await requireTopic(cluster, topic)
  const known = await findGroup(cluster, groupId)
  if (known !== undefined && isWeirGroup(known)) {
    throw new RefusedError(
      `group "${groupId}" belongs to a weir application: a foreign member would take its partitions`,
    )
  }
  const picker = new Picker(await openAll(cluster, topics, open), decoders, filter, count, options.onUnreadable)
  const source = new GroupSource(cluster, { groupId, topics, from: options.from ?? 'earliest', readCommitted })
  let wake = () => {}
  const changed = () => wake()
  source.onChange = changed
  signal?.addEventListener('abort', changed)
  try {
    while (picker.left > 0 && !signal?.aborted) {
      if (source.failure !== undefined) throw source.failure
      const batch = source.take()
      if (batch === undefined) {
        if (options.exitAtEnd && source.atEnd()) return
        await new Promise<void>(resolve => {
          wake = resolve
        })
        continue
      }
      const taken = await picker.pick(batch)
      if (taken > 0) yield taken
      await source.settle(batch, picker.left > 0 ? batch.nextOffset : picker.lastOffset + 1)
    }
  } finally {
    signal?.removeEventListener('abort', changed)
    await source.close()
  }
}
