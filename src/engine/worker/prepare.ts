import type { TopicPartition } from '../../connectors/source'
import type { GlobalFollower } from './global-follower'
import { sideBySide } from './side-by-side'
import type { TopicBook } from './topic-book'
import type { TopicWidths } from './topic-widths'

/**
 * Learns what tasks have to know before their first record: how many partitions topics have, global tables, the topics that they write to. The
 * cluster is asked side by side. `assigned`: partitions that must exist. Throws as `TopicWidths.renew` does.
 */
export async function prepare(
  { widths, topics }: { readonly widths: TopicWidths; readonly topics: TopicBook },
  globals: Pick<GlobalFollower, 'start'>,
  assigned: readonly TopicPartition[],
): Promise<void> {
  const { counts } = widths
  await sideBySide([widths.renew(assigned), globals.start(), topics.look()])
  if (widths.counts !== counts) await topics.look()
}
