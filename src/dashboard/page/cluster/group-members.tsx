import type { GroupMemberView, GroupView } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { Badge } from '../components/status'
import { type Column, Table } from '../components/table'
import { exact } from '../lib/format'
import { ranges } from '../lib/ranges'

/** Who reads with a group, from where, and what each has been given. */
export function GroupMembers({ view: { members, idle } }: { readonly view: GroupView }) {
  const all: readonly Column<GroupMemberView>[] = [
    {
      name: 'member',
      title: 'Member',
      cell: ({ memberId, instanceId }) => (
        <>
          <Foreign mono>{instanceId ?? memberId}</Foreign>{' '}
          {idle.includes(memberId) && <Badge tone="amber">without a partition</Badge>}
        </>
      ),
    },
    ...columns,
  ]
  return (
    <Card label="Members" flush>
      <Table
        {...{ label: 'Members', columns: all, rows: members, keyOf: ({ memberId }: GroupMemberView) => memberId }}
        empty={<Empty title="Nobody reads with this group">What its topics get waits until somebody does.</Empty>}
      />
    </Card>
  )
}

const columns: readonly Column<GroupMemberView>[] = [
  { name: 'client', title: 'Client id', cell: ({ clientId }) => <Foreign mono>{clientId}</Foreign> },
  { name: 'host', title: 'Host', cell: ({ host }) => <Foreign mono>{host}</Foreign> },
  {
    name: 'partitions',
    title: 'Partitions',
    number: true,
    cell: ({ assigned }) => exact(assigned.reduce((sum, { partitions }) => sum + partitions.length, 0)),
  },
  {
    name: 'assigned',
    title: 'Reads',
    cell: ({ assigned }) => (
      <Foreign oneLine>{assigned.map(({ topic, partitions }) => `${topic} ${ranges(partitions)}`).join('  ')}</Foreign>
    ),
  },
  {
    name: 'tasks',
    title: 'Tasks',
    cell: ({ tasks }) => tasks && <Foreign oneLine>{tasks.active.join(' ')}</Foreign>,
  },
]
