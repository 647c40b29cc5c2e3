import { matchingTopics } from '../../../ops/matching-topics'
import { deleteTopics, requireTopic } from '../../../ops/topics'
import { CONFIRM, type Confirmed, requireYes } from '../../shared/confirm'
import { TOPICS } from '../../shared/topics-argument'
import { verb } from '../../shared/verb'

export default verb<Confirmed>({
  arguments: [TOPICS],
  options: CONFIRM,
  about: 'Deletes topics with all their records. All must exist, or none is deleted.',
  examples: [
    ['topics delete orders', 'says what would be deleted, deletes nothing (exit 4)'],
    ['topics delete orders --yes', 'deletes it'],
    ["topics delete 'test-*' --yes", 'all whose names begin so'],
  ],
  async run({ cluster, args, options, out, timeoutMs }) {
    const topics = await matchingTopics(cluster, args)
    const names = topics.map(name => `"${name}"`).join(', ')
    for (const name of topics) await requireTopic(cluster, name)
    requireYes(options, `delete ${names} with all records`)
    await deleteTopics(cluster, topics, timeoutMs)
    out.things(
      topics.map(topic => ({ topic, deleted: true })),
      () => {},
    )
    out.note(`deleted ${names}`)
  },
})
