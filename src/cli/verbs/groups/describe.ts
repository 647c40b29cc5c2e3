import { type DescribedGroup, describeGroup, type GroupRow } from '../../../ops/describe-group'
import { CheckFailedError } from '../../../ops/errors'
import { groupWarnings } from '../../../ops/group-warnings'
import { stateColour } from '../../shared/group-state'
import { type Output, table } from '../../shared/output'
import { verb } from '../../shared/verb'

export default verb<{ requireMembers?: boolean }>({
  arguments: [{ name: '<group...>', about: 'one or more groups', completes: 'group' }],
  options: [{ flags: '--require-members', about: 'exit 5 when nobody consumes with one of them' }],
  about:
    'LOG-END-OFFSET is the offset that the next record gets, LAG how many offsets the group is behind it. A dash is not known: no\noffset was committed, nobody has the partition, or the topic is gone. The group of a\nweir topology has a column TASK.',
  examples: [
    ['groups describe billing', 'a row for each partition that the group has or had'],
    ['groups describe billing --require-members', 'for a script: exit 5 unless somebody consumes'],
    ["groups describe billing -o json | jq '.[0].totalLag'", 'its lag'],
  ],
  async run({ cluster, args, options, out }) {
    const groups: DescribedGroup[] = []
    for (const group of args) groups.push(await describeGroup(cluster, group))
    out.things(groups, group => print(group, out))
    for (const group of groups) for (const { what } of groupWarnings(group)) out.note(what)
    const unused = groups.filter(group => group.members.length === 0).map(group => `"${group.group}"`)
    if (options.requireMembers && unused.length > 0) throw new CheckFailedError(`no members: ${unused.join(', ')}`)
  },
})

function print(group: DescribedGroup, out: Output): void {
  const { state, members, totalLag, coordinator, assignor } = group
  const rest = [`MEMBERS ${members.length}`, `TOTAL-LAG ${totalLag ?? '-'}`, `COORDINATOR ${coordinator}`]
  if (assignor !== '') rest.push(`ASSIGNOR ${assignor}`)
  out.line(`GROUP ${out.paint(group.group, 'bold')}  STATE ${out.paint(state, stateColour(state))}  ${rest.join('  ')}`)
  if (group.partitions.length === 0) return
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
