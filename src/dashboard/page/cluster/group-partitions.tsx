import type { GroupPartitionView } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { type Column, Table } from '../components/table'
import { exactIfKnown } from '../lib/format'
import { TopicLink } from './topic-link'

/** Where a group stands in each partition, and who reads it: the columns of Kafka's own tool. */
export function GroupPartitions({ partitions }: { readonly partitions: readonly GroupPartitionView[] }) {
  const isWeir = partitions.some(({ task }) => task !== null)
  const shown = isWeir ? [...columns, task] : columns
  return (
    <Card label="Partitions" flush>
      <Table
        {...{ label: 'Partitions', columns: shown, rows: partitions, maxHeight: 1200 }}
        keyOf={({ topic, partition }) => `${topic}/${partition}`}
        empty={<Empty title="It has read nothing yet" />}
      />
    </Card>
  )
}

const foreign = (text: string | null) => (text === null ? '–' : <Foreign mono>{text}</Foreign>)

const columns: readonly Column<GroupPartitionView>[] = [
  {
    name: 'topic',
    title: 'Topic',
    cell: ({ topic }) => <TopicLink topic={topic} />,
  },
  { name: 'partition', title: 'Partition', number: true, cell: row => row.partition },
  { name: 'current', title: 'Current offset', number: true, cell: row => exactIfKnown(row.currentOffset) },
  { name: 'end', title: 'Log end offset', number: true, cell: row => exactIfKnown(row.logEndOffset) },
  { name: 'lag', title: 'Lag', number: true, cell: row => exactIfKnown(row.lag) },
  { name: 'member', title: 'Consumer id', cell: row => foreign(row.memberId) },
  { name: 'host', title: 'Host', cell: row => foreign(row.host) },
  { name: 'client', title: 'Client id', cell: row => foreign(row.clientId) },
]
const task: Column<GroupPartitionView> = { name: 'task', title: 'Task', cell: row => row.task ?? '–' }
