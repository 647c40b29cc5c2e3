import type { GroupView } from '../../contract'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { type Column, Table } from '../components/table'
import { exact, exactIfKnown } from '../lib/format'
import { TopicLink } from './topic-link'

type TopicLag = GroupView['topics'][number]

/** How far a group is behind in each topic. */
export function GroupTopics({ topics }: Pick<GroupView, 'topics'>) {
  return (
    <Card label="Topics" flush>
      <Table
        {...{ label: 'Topics', columns, rows: topics, empty: <Empty title="It has read nothing yet" /> }}
        keyOf={({ topic }) => topic}
      />
    </Card>
  )
}

const columns: readonly Column<TopicLag>[] = [
  {
    name: 'topic',
    title: 'Topic',
    cell: ({ topic }) => <TopicLink topic={topic} />,
  },
  { name: 'partitions', title: 'Partitions', number: true, cell: row => exact(row.partitions) },
  { name: 'lag', title: 'Lag', number: true, cell: row => exactIfKnown(row.lag) },
  { name: 'most', title: 'Most of one partition', number: true, cell: row => exactIfKnown(row.most) },
]
