import type { GroupRow } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { SearchBox } from '../components/search-box'
import { Badge, Status } from '../components/status'
import { type Column, Table } from '../components/table'
import { useResource } from '../data/use-resource'
import { exact, exactIfKnown } from '../lib/format'
import { pathTo } from '../lib/routes'
import { go, query, setQuery } from '../shell/location'
import { PageHead } from '../shell/page-head'
import { GroupState, LagTrend } from './group-words'
import { offsetOf, Pager, pageSize, titleOf } from './pager'
import { sortingOf } from './sorting'

/** The consumer groups of the cluster: who reads, how far behind, and what is wrong with it. */
export default function GroupsPage() {
  const { search = '', warned } = query.value
  const sort = sortingOf(['group', 'lag', 'members', 'state'], ['lag', 'members'])
  const asked = { search, warned: String(warned === 'true'), sort: sort.by, descending: String(sort.descending) }
  const groups = useResource('GET /api/groups', { query: { ...asked, offset: offsetOf(), limit: pageSize } }, 1500)
  return (
    <>
      <PageHead title="Groups" />
      <div class="row">
        <SearchBox
          label="Search groups"
          value={search}
          change={text => setQuery({ search: text, offset: undefined })}
        />
        <label class="row">
          <input
            type="checkbox"
            checked={warned === 'true'}
            onChange={event => setQuery({ warned: event.currentTarget.checked ? 'true' : undefined })}
          />
          only with a warning
        </label>
      </div>
      <ResourceView of={groups}>
        {({ rows, matching, total }) => (
          <Card title={titleOf(matching, total, 'group')} flush>
            <Table
              {...{ label: 'Groups', columns, rows, sort, maxHeight: 1200 }}
              empty={<Empty title={total === 0 ? 'There is no group yet' : 'No group is like that'} />}
              keyOf={({ group }) => group}
              open={({ group }) => go(pathTo('group', { group }))}
            />
            <Pager shown={rows.length} matching={matching} />
          </Card>
        )}
      </ResourceView>
    </>
  )
}

const columns: readonly Column<GroupRow>[] = [
  {
    name: 'group',
    title: 'Group',
    sort: true,
    cell: ({ group, weir }) => (
      <>
        <a href={pathTo('group', { group })}>
          <Foreign>{group}</Foreign>
        </a>{' '}
        {weir && <Badge>weir</Badge>}
      </>
    ),
  },
  { name: 'state', title: 'State', sort: true, cell: row => <GroupState state={row.state} members={row.members} /> },
  { name: 'members', title: 'Members', number: true, sort: true, cell: row => exact(row.members) },
  { name: 'topics', title: 'Topics', number: true, cell: row => exact(row.topics) },
  {
    name: 'lag',
    title: 'Lag',
    number: true,
    sort: true,
    cell: ({ lag }) => exactIfKnown(lag),
  },
  { name: 'trend', title: 'Trend', number: true, cell: ({ lagTrend }) => <LagTrend perSecond={lagTrend} /> },
  {
    name: 'warnings',
    title: 'Warnings',
    cell: ({ warnings }) =>
      warnings.map(({ code, what }) => (
        <Status key={code} tone="amber">
          <Foreign oneLine>{what}</Foreign>
        </Status>
      )),
  },
]
