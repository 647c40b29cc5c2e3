import { deleteGroup, planGroupDeletion } from '../../../ops/delete-group'
import { itemAt } from '../../../required'
import { CONFIRM, type Confirmed, requireYes } from '../../shared/confirm'
import { counted } from '../../shared/output'
import { verb } from '../../shared/verb'

export default verb<Confirmed & { topic?: string }>({
  arguments: [{ name: '<group>', about: 'the group', completes: 'group' }],
  options: [{ flags: '-t, --topic <topic>', about: 'only its offsets of this topic', completes: 'topic' }, ...CONFIRM],
  about: 'Refused (4) while somebody consumes with the group, and for the group of a weir topology.',
  examples: [
    ['groups delete billing', 'says what would be forgotten, forgets nothing (exit 4)'],
    ['groups delete billing --yes', 'forgets the group and all its offsets'],
    ['groups delete billing -t orders --yes', 'forgets its offsets of one topic'],
  ],
  async run({ cluster, args, options, out }) {
    const group = itemAt(args, 0)
    const { offsets } = await planGroupDeletion(cluster, group, options.topic)
    const what = options.topic === undefined ? `group "${group}"` : `the offsets of "${group}" for "${options.topic}"`
    requireYes(options, `delete ${what} (${counted(offsets, 'offset')})`)
    await deleteGroup(cluster, group, options.topic)
    out.thing({ group, topic: options.topic ?? null, offsets, deleted: true }, () => {})
    out.note(`deleted ${what} (${counted(offsets, 'offset')})`)
  },
})
