import { deleteTopics, requireTopic } from '../../../ops/topics'
import { CONFIRM, type Confirmed, requireYes } from '../../shared/confirm'
import { verb } from '../../shared/verb'

export default verb<Confirmed>({
  arguments: [{ name: '<topic...>', about: 'one or more topics', completes: 'topic' }],
  options: CONFIRM,
  about: 'Deletes topics with all their records. All must exist, or none is deleted.',
  examples: [
    ['topics delete orders', 'says what would be deleted, deletes nothing (exit 4)'],
    ['topics delete orders --yes', 'deletes it'],
  ],
  async run({ cluster, args, options, out, timeoutMs }) {
    const names = args.map(name => `"${name}"`).join(', ')
    for (const name of args) await requireTopic(cluster, name)
    requireYes(options, `delete ${names} with all records`)
    await deleteTopics(cluster, args, timeoutMs)
    out.things(
      args.map(topic => ({ topic, deleted: true })),
      () => {},
    )
    out.note(`deleted ${names}`)
  },
})
