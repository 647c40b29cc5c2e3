import type { SchemaChangeView } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { Badge, type Tone } from '../components/status'
import { type Column, Table } from '../components/table'
import { useResource } from '../data/use-resource'

interface DifferenceProps {
  readonly subject: string
  readonly from: number
  readonly to: number
}

/** What changed from one version of a schema to another, field by field. */
export function SchemaDifference({ subject, from, to }: DifferenceProps) {
  const difference = useResource('GET /api/subjects/:subject/difference', { params: { subject }, query: { from, to } })
  return (
    <Card title={`From version ${from} to ${to}`} flush>
      <ResourceView of={difference} height={120}>
        {({ changes }) => (
          <Table
            {...{ label: 'Differences', columns, rows: changes, empty: <Empty title="They say the same" /> }}
            keyOf={({ change, field }) => `${change} ${field}`}
          />
        )}
      </ResourceView>
    </Card>
  )
}

const tones: Readonly<Record<SchemaChangeView['change'], Tone>> = { added: 'green', removed: 'red', changed: 'amber' }
const text = (schema: string | null) => (schema === null ? '' : <Foreign mono>{schema}</Foreign>)

const columns: readonly Column<SchemaChangeView>[] = [
  {
    name: 'change',
    title: 'Change',
    width: '12ch',
    cell: ({ change }) => <Badge tone={tones[change]}>{change}</Badge>,
  },
  { name: 'field', title: 'Field', cell: ({ field }) => <Foreign mono>{field}</Foreign> },
  { name: 'from', title: 'Before', cell: ({ from }) => text(from) },
  { name: 'to', title: 'After', cell: ({ to }) => text(to) },
]
