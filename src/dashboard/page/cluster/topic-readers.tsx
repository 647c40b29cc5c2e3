import type { TopicView } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { Status } from '../components/status'
import { type Column, Table } from '../components/table'
import { exact, exactIfKnown } from '../lib/format'
import { pathTo } from '../lib/routes'
import { go } from '../shell/location'

type Reader = TopicView['readers'][number]

/** The groups that have offsets in a topic, and how far behind they are. */
export function TopicReaders({ readers }: { readonly readers: readonly Reader[] }) {
  return (
    <Card label="Readers" flush>
      <Table
        {...{ label: 'Readers', columns, rows: readers, empty: <Empty title="No group reads this topic" /> }}
        keyOf={({ group }) => group}
        open={({ group }) => go(pathTo('group', { group }))}
      />
    </Card>
  )
}

const columns: readonly Column<Reader>[] = [
  {
    name: 'group',
    title: 'Group',
    cell: ({ group }) => (
      <a href={pathTo('group', { group })}>
        <Foreign>{group}</Foreign>
      </a>
    ),
  },
  {
    name: 'state',
    title: 'State',
    cell: ({ state, members }) =>
      members === 0 ? <Status tone="amber">nobody reads with it</Status> : <Status tone="green">{state}</Status>,
  },
  { name: 'members', title: 'Members', number: true, cell: row => exact(row.members) },
  { name: 'lag', title: 'Lag', number: true, cell: row => exactIfKnown(row.lag) },
]
