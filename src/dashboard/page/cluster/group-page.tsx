import { useState } from 'preact/hooks'
import type { GroupView } from '../../contract'
import { Card, Figure, Figures } from '../components/card'
import { ResourceView } from '../components/resource-view'
import { Tabs } from '../components/tabs'
import { useResource } from '../data/use-resource'
import { counted, duration, exact } from '../lib/format'
import type { ViewProps } from '../lib/routes'
import { pathTo } from '../lib/routes'
import { PageHead } from '../shell/page-head'
import { DeleteGroup } from './delete-group'
import { GroupMembers } from './group-members'
import { GroupPartitions } from './group-partitions'
import { GroupTopics } from './group-topics'
import { GroupState, LagTrend, Warnings } from './group-words'
import { LagOverTime } from './lag-over-time'
import { ResetGroup } from './reset-group'
import { WriteButton } from './write-button'

const tabs = ['members', 'topics', 'partitions'] as const

/** A consumer group: its lag over time, who is in it, and where each partition stands. */
export default function GroupPage({ route: { params } }: ViewProps) {
  const { group = '', tab } = params
  const view = useResource('GET /api/groups/:group', { params: { group } }, 1000)
  const [asked, ask] = useState<'reset' | 'delete'>()
  const close = () => ask(undefined)
  return (
    <>
      <PageHead title={group} about={view.data && <About view={view.data} />}>
        <WriteButton danger onClick={() => ask('reset')}>
          Reset offsets
        </WriteButton>
        <WriteButton danger onClick={() => ask('delete')}>
          Delete
        </WriteButton>
      </PageHead>
      {asked === 'reset' && <ResetGroup group={group} close={close} />}
      {asked === 'delete' && <DeleteGroup group={group} close={close} />}
      <ResourceView of={view}>
        {data => (
          <div class="stack">
            <Warnings warnings={data.warnings} />
            <Card label="Lag">
              <Sums view={data} />
              <LagOverTime group={group} />
            </Card>
            <Parts view={data} tab={tab} />
          </div>
        )}
      </ResourceView>
    </>
  )
}

function About({ view: { state, members, assignor, coordinator } }: { readonly view: GroupView }) {
  return (
    <span class="row small">
      <GroupState state={state} members={members.length} />
      <span>
        {counted(members.length, 'member')}, coordinated by broker {coordinator}
        {assignor !== '' && `, assigned by ${assignor}`}
      </span>
    </span>
  )
}

function Sums({ view }: { readonly view: GroupView }) {
  const { lag, lagTrend, behindMs, caughtUpInMs, uncommitted } = view
  return (
    <Figures>
      <Figure
        label="Lag"
        value={lag === null ? 'not known' : exact(lag)}
        note={uncommitted > 0 && `${counted(uncommitted, 'partition')} without an offset not counted`}
      />
      <Figure label="Trend" value={<LagTrend perSecond={lagTrend} />} />
      <Figure
        label="Behind"
        value={behindMs === null ? 'not known' : duration(behindMs)}
        note="the oldest unread record"
      />
      <Figure
        label="Caught up"
        value={lag === 0 ? 'now' : caughtUpInMs === null ? '–' : `in ${duration(caughtUpInMs)}`}
        note={lag !== 0 && caughtUpInMs === null && 'not at this pace'}
      />
    </Figures>
  )
}

function Parts({ view, tab }: { readonly view: GroupView; readonly tab: string | undefined }) {
  const { group, members, topics, partitions } = view
  const current = tabs.find(name => name === tab) ?? 'members'
  const counts = { members: members.length, topics: topics.length, partitions: partitions.length }
  const titles = { members: 'Members', topics: 'Topics', partitions: 'Partitions' }
  return (
    <>
      <Tabs
        label="Of this group"
        current={current}
        tabs={tabs.map(name => ({
          name,
          title: `${titles[name]} ${exact(counts[name])}`,
          href: pathTo('group', name === 'members' ? { group } : { group, tab: name }),
        }))}
      />
      {current === 'members' && <GroupMembers view={view} />}
      {current === 'topics' && <GroupTopics topics={topics} />}
      {current === 'partitions' && <GroupPartitions partitions={partitions} />}
    </>
  )
}
