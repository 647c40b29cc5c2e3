import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { SearchBox } from '../components/search-box'
import { type Column, Table } from '../components/table'
import { useResource } from '../data/use-resource'
import { pathTo } from '../lib/routes'
import { go, query, setQuery } from '../shell/location'
import { PageHead } from '../shell/page-head'
import { offsetOf, Pager, pageSize, titleOf } from './pager'

/** The subjects of the schema registry. */
export default function SchemasPage() {
  const { search = '' } = query.value
  const subjects = useResource('GET /api/subjects', { query: { search, offset: offsetOf(), limit: pageSize } }, 5000)
  return (
    <>
      <PageHead title="Schemas" />
      <SearchBox
        label="Search subjects"
        value={search}
        change={text => setQuery({ search: text, offset: undefined })}
      />
      <ResourceView of={subjects}>
        {({ rows, matching, total }) => (
          <Card title={titleOf(matching, total, 'subject')} flush>
            <Table
              {...{ label: 'Subjects', columns, rows, maxHeight: 1200 }}
              empty={
                <Empty title={total === 0 ? 'The registry holds no schema yet' : 'No subject has that in its name'} />
              }
              keyOf={({ subject }) => subject}
              open={({ subject }) => go(pathTo('schema', { subject }))}
            />
            <Pager shown={rows.length} matching={matching} />
          </Card>
        )}
      </ResourceView>
    </>
  )
}

const columns: readonly Column<{ readonly subject: string }>[] = [
  {
    name: 'subject',
    title: 'Subject',
    cell: ({ subject }) => (
      <a href={pathTo('schema', { subject })}>
        <Foreign>{subject}</Foreign>
      </a>
    ),
  },
]
