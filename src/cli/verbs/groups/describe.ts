import { type DescribedGroup, describeGroup, type GroupRow } from '../../../ops/describe-group'
import { CheckFailedError } from '../../../ops/errors'
import { groupWarnings } from '../../../ops/group-warnings'
import type { Shares, WorkerShare } from '../../../vitals/shares'
import { stateColour } from '../../shared/group-state'
import { type Output, table } from '../../shared/output'
import { readShares } from '../../shared/read-shares'
import { verb } from '../../shared/verb'

/** A group, and what its workers say of themselves where it is a weir application's. */
type Described = DescribedGroup & { readonly workers?: readonly WorkerShare[]; readonly unowned?: readonly string[] }

export default verb<{ requireMembers?: boolean; requireStandbys?: boolean }>({
  arguments: [{ name: '<group...>', about: 'one or more groups', completes: 'group' }],
  options: [
    { flags: '--require-members', about: 'exit 5 when nobody consumes with one of them' },
    {
      flags: '--require-standbys',
      about: 'exit 5 when a task of a weir topology has state that no other worker follows closely',
    },
  ],
  about:
    'LOG-END-OFFSET is the offset that the next record gets, LAG how many offsets the group is behind it. A dash is not known: no\noffset was committed, nobody has the partition, or the topic is gone. The group of a\nweir topology has a column TASK, and below it are its workers by their own last words, also while the group rebalances: the tasks that each OWNS and\nFOLLOWS, and what it LACKS: 0_1:250 are records of a changelog, a task alone is not at work yet.',
  examples: [
    ['groups describe billing', 'a row for each partition that the group has or had'],
    ['groups describe billing --require-members', 'for a script: exit 5 unless somebody consumes'],
    [
      'groups describe sensors --require-standbys',
      'before a worker is taken away: exit 5 unless its state is elsewhere',
    ],
    ["groups describe billing -o json | jq '.[0].totalLag'", 'its lag'],
  ],
  async run({ cluster, kafka, args, options, out }) {
    const groups: Described[] = []
    const alone: string[] = []
    for (const name of args) {
      const group = await describeGroup(cluster, name)
      const shares = group.weir ? await readShares(name, kafka) : undefined
      groups.push(withShares(group, shares))
      if (shares !== undefined) alone.push(...shares.withoutStandby)
    }
    out.things(groups, group => print(group, out))
    for (const { unowned = [] } of groups) if (unowned.length > 0) out.note(`nobody has ${unowned.join(' ')} now`)
    for (const group of groups) for (const { what } of groupWarnings(group)) out.note(what)
    const unused = groups.filter(group => group.members.length === 0).map(group => `"${group.group}"`)
    if (options.requireStandbys && alone.length > 0)
      throw new CheckFailedError(`no other worker follows the state of ${alone.join(' ')} closely`)
    if (options.requireMembers && unused.length > 0) throw new CheckFailedError(`no members: ${unused.join(', ')}`)
  },
})

const withShares = (group: DescribedGroup, shares: Shares | undefined): Described =>
  shares === undefined ? group : { ...group, workers: shares.workers, unowned: shares.unowned }

const stateOf = ({ state, restored }: WorkerShare) =>
  restored === undefined ? state : `${state}, ${Math.floor(restored * 100)} % restored`

function printWorkers(workers: readonly WorkerShare[], out: Output): void {
  const listed = (ids: readonly string[]) => ids.join(' ') || null
  const lack = ({ task, records }: WorkerShare['lacks'][number]) => (records === null ? task : `${task}:${records}`)
  const columns = [
    { title: 'WORKER', value: (row: WorkerShare) => row.worker },
    { title: 'HOST', value: (row: WorkerShare) => `${row.host}:${row.pid}` },
    { title: 'STATE', value: stateOf },
    { title: 'OWNS', value: (row: WorkerShare) => listed(row.owns) },
    { title: 'FOLLOWS', value: (row: WorkerShare) => listed(row.follows) },
    { title: 'LACKS', value: (row: WorkerShare) => listed(row.lacks.map(lack)) },
  ]
  out.line(table(workers, columns, (text, colour) => out.paint(text, colour)))
}

function print(group: Described, out: Output): void {
  const { state, members, totalLag, coordinator, assignor } = group
  const rest = [`MEMBERS ${members.length}`, `TOTAL-LAG ${totalLag ?? '-'}`, `COORDINATOR ${coordinator}`]
  if (assignor !== '') rest.push(`ASSIGNOR ${assignor}`)
  out.line(`GROUP ${out.paint(group.group, 'bold')}  STATE ${out.paint(state, stateColour(state))}  ${rest.join('  ')}`)
  if (group.partitions.length > 0) printPartitions(group, out)
  if (group.workers !== undefined && group.workers.length > 0) printWorkers(group.workers, out)
}

function printPartitions(group: DescribedGroup, out: Output): void {
  out.line(
    table(
      group.partitions,
      [
        { title: 'GROUP', value: row => row.group },
        { title: 'TOPIC', value: row => row.topic },
        { title: 'PARTITION', value: row => row.partition },
        { title: 'CURRENT-OFFSET', value: row => row.currentOffset },
        { title: 'LOG-END-OFFSET', value: row => row.logEndOffset },
        { title: 'LAG', value: row => row.lag },
        { title: 'CONSUMER-ID', value: row => row.consumerId },
        { title: 'HOST', value: row => row.host },
        { title: 'CLIENT-ID', value: row => row.clientId },
        ...(group.weir ? [{ title: 'TASK', value: (row: GroupRow) => row.task }] : []),
      ],
      (text, colour) => out.paint(text, colour),
    ),
  )
}
