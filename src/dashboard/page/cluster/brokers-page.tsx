import type { BrokerRow, ClusterView } from '../../contract'
import { Card, Figure, Figures } from '../components/card'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { Badge, Status } from '../components/status'
import { type Column, Table } from '../components/table'
import { useResource } from '../data/use-resource'
import { bytes, counted, exact } from '../lib/format'
import { PageHead } from '../shell/page-head'

/** The brokers of the cluster, and what it holds. */
export default function BrokersPage() {
  const cluster = useResource('GET /api/cluster', {}, 2000)
  return (
    <>
      <PageHead title="Brokers" about={cluster.data && <Foreign mono>{cluster.data.id}</Foreign>} />
      <ResourceView of={cluster}>
        {view => (
          <div class="stack">
            <Card label="The cluster">
              <Sums view={view} />
            </Card>
            <Card title={counted(view.brokers.length, 'broker')} flush>
              <Table label="Brokers" columns={columns} rows={view.brokers} keyOf={({ id }) => String(id)} />
            </Card>
          </div>
        )}
      </ResourceView>
    </>
  )
}

function Sums({ view }: { readonly view: ClusterView }) {
  const { topics, partitions, groups, underReplicated, leaderless } = view
  return (
    <Figures>
      <Figure label="Topics" value={exact(topics)} />
      <Figure label="Partitions" value={exact(partitions)} />
      <Figure label="Groups" value={exact(groups)} />
      <Figure
        label="Without a leader"
        value={exact(leaderless)}
        note={
          leaderless > 0 ? <Status tone="red">can’t be read or written</Status> : <Status tone="green">none</Status>
        }
      />
      <Figure
        label="Under-replicated"
        value={exact(underReplicated)}
        note={
          underReplicated > 0 ? (
            <Status tone="amber">a broker lags or is away</Status>
          ) : (
            <Status tone="green">none</Status>
          )
        }
      />
    </Figures>
  )
}

const columns: readonly Column<BrokerRow>[] = [
  { name: 'id', title: 'Broker', cell: ({ id, controller }) => [id, controller && [' ', <Badge>controller</Badge>]] },
  { name: 'address', title: 'Address', cell: ({ host, port }) => <Foreign mono>{`${host}:${port}`}</Foreign> },
  { name: 'leads', title: 'Leads', number: true, cell: ({ leads }) => exact(leads) },
  { name: 'replicas', title: 'Replicas', number: true, cell: ({ replicas }) => exact(replicas) },
  {
    name: 'outOfSync',
    title: 'Out of sync',
    number: true,
    cell: ({ outOfSync }) => (outOfSync > 0 ? <Badge tone="amber">{exact(outOfSync)}</Badge> : '0'),
  },
  { name: 'bytes', title: 'On disk', number: true, cell: row => (row.bytes === null ? '–' : bytes(row.bytes)) },
]
