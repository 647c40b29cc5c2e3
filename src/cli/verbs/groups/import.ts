import { UsageError } from '../../../ops/errors'
import { type OffsetLine, readOffsets } from '../../../ops/offsets-file'
import { executeReset, planImport } from '../../../ops/reset-group'
import { itemAt } from '../../../required'
import { CONFIRM, type Confirmed, isConfirmed } from '../../shared/confirm'
import { showPlan } from '../../shared/offset-plan'
import { counted } from '../../shared/output'
import { textFile } from '../../shared/text-file'
import { verb } from '../../shared/verb'

interface Options extends Confirmed {
  readonly group?: string
  readonly create?: boolean
}

export default verb<Options>({
  arguments: [
    { name: '<file>', about: "what `weir groups export` or Kafka's --export printed; - is stdin", completes: 'file' },
  ],
  options: [
    {
      flags: '-g, --group <group>',
      about: 'whose offsets they are, where the file names no group',
      completes: 'group',
    },
    { flags: '--create', about: 'also for groups that do not exist yet' },
    ...CONFIRM,
  ],
  about: `Sets the committed offsets of groups that nobody consumes with; they are read again afterwards. Without --execute it only shows
what it would do. Partitions that are not in the file stay as they are. An offset outside of the log becomes the log's end.
Refused (4) while a group has members, and for the group of a weir topology.`,
  examples: [
    ['groups import billing.csv -g billing', 'shows the offsets before and after'],
    ['groups import billing.csv -g billing --execute', 'puts billing back to where it stood'],
    ['groups import groups.csv --create --execute', 'several groups, as on a cluster that has none of them'],
  ],
  async run({ cluster, args, options, out }) {
    const groups = byGroup(readOffsets(await textFile(itemAt(args, 0), out.streams)), options.group)
    const plans = []
    for (const [group, lines] of groups)
      plans.push({ group, plan: await planImport(cluster, group, lines, options.create === true) })
    showPlan(
      plans.flatMap(({ plan }) => plan),
      out,
    )
    if (!isConfirmed(options)) return out.note('this was a dry run, nothing was changed; add --execute to do it')
    for (const { group, plan } of plans) {
      await executeReset(cluster, group, plan)
      out.note(`set ${counted(plan.length, 'offset')} of "${group}", and read them again`)
    }
  },
})

function byGroup(lines: readonly OffsetLine[], given: string | undefined): Map<string, OffsetLine[]> {
  const groups = new Map<string, OffsetLine[]>()
  for (const line of lines) {
    if (line.group !== undefined && given !== undefined)
      throw new UsageError(`the file names its groups ("${line.group}"): leave --group out`)
    const group = line.group ?? given
    if (group === undefined) throw new UsageError('the file names no group: say whose offsets they are, with --group')
    groups.set(group, [...(groups.get(group) ?? []), line])
  }
  return groups
}
