import type { TopicPartitionView } from '../../contract'
import { Card } from '../components/card'
import { Status } from '../components/status'
import { type Column, Table } from '../components/table'
import { bytes, exactIfKnown } from '../lib/format'

/** Where the partitions of a topic lie, and from which offset to which they reach. */
export function TopicPartitions({ partitions }: { readonly partitions: readonly TopicPartitionView[] }) {
  return (
    <Card label="Partitions" flush>
      <Table {...{ label: 'Partitions', columns, rows: partitions }} keyOf={row => String(row.partition)} />
    </Card>
  )
}

const columns: readonly Column<TopicPartitionView>[] = [
  { name: 'partition', title: 'Partition', number: true, cell: row => row.partition },
  { name: 'first', title: 'First offset', number: true, cell: row => exactIfKnown(row.first) },
  { name: 'last', title: 'Next offset', number: true, cell: row => exactIfKnown(row.last) },
  {
    name: 'records',
    title: 'Records',
    number: true,
    cell: ({ first, last }) => exactIfKnown(first === null || last === null ? null : last - first),
  },
  { name: 'bytes', title: 'Size', number: true, cell: row => (row.bytes === null ? '–' : bytes(row.bytes)) },
  {
    name: 'leader',
    title: 'Leader',
    number: true,
    cell: ({ leader }) => (leader === null ? <Status tone="red">none</Status> : leader),
  },
  { name: 'replicas', title: 'Replicas', cell: row => row.replicas.join(', ') },
  {
    name: 'isr',
    title: 'In sync',
    cell: ({ isr, replicas }) =>
      isr.length < replicas.length ? <Status tone="amber">{isr.join(', ') || 'none'}</Status> : isr.join(', '),
  },
]
