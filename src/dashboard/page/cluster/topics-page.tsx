import { useState } from 'preact/hooks'
import type { TopicRow } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { ResourceView } from '../components/resource-view'
import { SearchBox } from '../components/search-box'
import { Status } from '../components/status'
import { type Column, Table } from '../components/table'
import { useResource } from '../data/use-resource'
import { bytes, exact, exactIfKnown } from '../lib/format'
import { pathTo } from '../lib/routes'
import { go, query, setQuery } from '../shell/location'
import { PageHead } from '../shell/page-head'
import { CreateTopic } from './create-topic'
import { offsetOf, Pager, pageSize, titleOf } from './pager'
import { sortingOf } from './sorting'
import { TopicLink } from './topic-link'
import { WriteButton } from './write-button'

/** The topics of the cluster: searched, sorted, a page at a time. */
export default function TopicsPage() {
  const { search = '', internal } = query.value
  const sort = sortingOf(
    ['topic', 'partitions', 'bytes', 'underReplicated'],
    ['partitions', 'bytes', 'underReplicated'],
  )
  const asked = { search, internal: String(internal === 'true'), sort: sort.by, descending: String(sort.descending) }
  const topics = useResource('GET /api/topics', { query: { ...asked, offset: offsetOf(), limit: pageSize } }, 3000)
  const [isCreating, setCreating] = useState(false)
  return (
    <>
      <PageHead title="Topics">
        <WriteButton onClick={() => setCreating(true)}>Create topic</WriteButton>
      </PageHead>
      {isCreating && <CreateTopic close={() => setCreating(false)} />}
      <div class="row">
        <SearchBox
          label="Search topics"
          value={search}
          change={text => setQuery({ search: text, offset: undefined })}
        />
        <label class="row">
          <input
            type="checkbox"
            checked={internal === 'true'}
            onChange={event => setQuery({ internal: event.currentTarget.checked ? 'true' : undefined })}
          />
          Kafka’s own too
        </label>
      </div>
      <ResourceView of={topics}>
        {({ rows, matching, total }) => (
          <Card title={titleOf(matching, total, 'topic')} flush>
            <Table
              {...{ label: 'Topics', columns, rows, sort, empty: nothing(search), maxHeight: 1200 }}
              keyOf={({ topic }) => topic}
              open={({ topic }) => go(pathTo('topic', { topic }))}
            />
            <Pager shown={rows.length} matching={matching} />
          </Card>
        )}
      </ResourceView>
    </>
  )
}

const nothing = (search: string) =>
  search === '' ? (
    <Empty title="There is no topic yet">A topology makes those that it writes when it starts.</Empty>
  ) : (
    <Empty title="No topic has that in its name" />
  )

const columns: readonly Column<TopicRow>[] = [
  {
    name: 'topic',
    title: 'Topic',
    sort: true,
    cell: ({ topic }) => <TopicLink topic={topic} />,
  },
  { name: 'records', title: 'Records', number: true, cell: row => exactIfKnown(row.records) },
  {
    name: 'bytes',
    title: 'Size',
    number: true,
    sort: true,
    cell: row => (row.bytes === null ? '–' : bytes(row.bytes)),
  },
  { name: 'partitions', title: 'Partitions', number: true, sort: true, cell: row => exact(row.partitions) },
  { name: 'replication', title: 'Replicas', number: true, cell: row => exact(row.replication) },
  { name: 'underReplicated', title: 'State', sort: true, cell: state },
]

function state({ leaderless, underReplicated }: TopicRow) {
  if (leaderless > 0) return <Status tone="red">{exact(leaderless)} without a leader</Status>
  if (underReplicated > 0) return <Status tone="amber">{exact(underReplicated)} under-replicated</Status>
  return <Status tone="green">well</Status>
}
