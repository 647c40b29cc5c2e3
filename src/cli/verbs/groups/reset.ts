import { UsageError } from '../../../ops/errors'
import { executeReset, planReset, type ResetScope, type ResetTarget } from '../../../ops/reset-group'
import { parseWhere } from '../../../ops/where'
import { itemAt } from '../../../required'
import { CONFIRM, type Confirmed, isConfirmed } from '../../shared/confirm'
import { showPlan } from '../../shared/offset-plan'
import { counted } from '../../shared/output'
import { partitionList, texts } from '../../shared/parse'
import { verb } from '../../shared/verb'

interface Options extends Confirmed {
  readonly topic?: readonly string[]
  readonly allTopics?: boolean
  readonly to?: string
  readonly shiftBy?: string
  readonly create?: boolean
}

export default verb<Options>({
  arguments: [{ name: '<group>', about: 'the group', completes: 'group' }],
  options: [
    {
      flags: '-t, --topic <topic[:partitions]>',
      about: 'a topic, or only 0,2,5-7 of it; may be repeated',
      parse: texts,
      completes: 'topic',
    },
    { flags: '--all-topics', about: 'everything that the group has offsets for' },
    { flags: '--to <where>', about: 'earliest, latest, an offset, or @time', completes: ['earliest', 'latest'] },
    { flags: '--shift-by <n>', about: 'so many records forward (5) or back (-5)' },
    { flags: '--create', about: 'also for a group that does not exist yet' },
    ...CONFIRM,
  ],
  about: `Sets the committed offsets of a group that nobody consumes with; they are read again afterwards. Without --execute it only
shows what it would do. An offset outside of the log becomes the log's end. Refused (4) while the group has members, and for
the group of a weir topology, which \`weir topology reset\` puts back together with its state.`,
  examples: [
    ['groups reset billing --all-topics --to earliest', 'shows the offsets before and after'],
    ['groups reset billing -t orders --to earliest --execute', 'reads orders again from the start'],
    ['groups reset billing -t orders:0,3 --to @2026-11-22T15:00:00Z --execute', 'two partitions, from a time on'],
    ['groups reset billing -t orders --shift-by -100 --execute', 'the last hundred records of each partition again'],
  ],
  async run({ cluster, args, options, out }) {
    const group = itemAt(args, 0)
    const plan = await planReset(cluster, group, scopeOf(options), targetOf(options))
    showPlan(plan, out)
    if (!isConfirmed(options)) return out.note('this was a dry run, nothing was changed; add --execute to do it')
    await executeReset(cluster, group, plan)
    out.note(`set ${counted(plan.length, 'offset')} of "${group}", and read them again`)
  },
})

function scopeOf({ topic, allTopics, create }: Options): ResetScope {
  const topics = topic?.map(text => {
    const colon = text.lastIndexOf(':')
    if (colon < 0) return { topic: text }
    return { topic: text.slice(0, colon), partitions: partitionList(text.slice(colon + 1), undefined) }
  })
  return { ...(topics === undefined ? {} : { topics }), allTopics: allTopics === true, create: create === true }
}

function targetOf({ to, shiftBy }: Options): ResetTarget {
  const isOne = (to === undefined) !== (shiftBy === undefined)
  if (isOne && shiftBy !== undefined) {
    if (!/^[+-]?\d+$/.test(shiftBy)) throw new UsageError(`--shift-by takes a whole number, not "${shiftBy}"`)
    return { shift: Number(shiftBy) }
  }
  if (!isOne || to === undefined) throw new UsageError('say where to: either --to or --shift-by')
  const where = parseWhere(to, Date.now())
  if (typeof where === 'object' && 'last' in where) throw new UsageError('--to takes no -n: see --shift-by')
  return where
}
