import { useState } from 'preact/hooks'
import type { TopicView } from '../../contract'
import { Card, Figure, Figures } from '../components/card'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { Tabs } from '../components/tabs'
import { useResource } from '../data/use-resource'
import { bytes, exact, exactIfKnown } from '../lib/format'
import type { ViewProps } from '../lib/routes'
import { pathTo } from '../lib/routes'
import { PageHead } from '../shell/page-head'
import { DeleteTopic } from './delete-topic'
import { Messages } from './messages/messages'
import { Produce } from './produce'
import { TopicPartitions } from './topic-partitions'
import { TopicReaders } from './topic-readers'
import { TopicSettings } from './topic-settings'
import { WriteButton } from './write-button'

const tabs = ['messages', 'partitions', 'readers', 'settings'] as const
type TabName = (typeof tabs)[number]

/** A topic: what it holds, where that lies, who reads it, and how it is set. */
export default function TopicPage({ route: { params } }: ViewProps) {
  const { topic = '', tab } = params
  const view = useResource('GET /api/topics/:topic', { params: { topic } }, 2000)
  const [asked, ask] = useState<'produce' | 'delete'>()
  const current = tabs.find(name => name === tab) ?? 'messages'
  const close = () => ask(undefined)
  return (
    <>
      <PageHead title={topic} about={view.data && <Related view={view.data} />}>
        <WriteButton onClick={() => ask('produce')}>Write a message</WriteButton>
        <WriteButton danger onClick={() => ask('delete')}>
          Delete
        </WriteButton>
      </PageHead>
      {asked === 'produce' && <Produce topic={topic} close={close} />}
      {asked === 'delete' && <DeleteTopic topic={topic} close={close} />}
      <Tabs label="Of this topic" current={current} tabs={tabsOf(topic, view.data)} />
      {current === 'messages' ? (
        <Messages topic={topic} />
      ) : (
        <ResourceView of={view}>{data => <Tab name={current} view={data} />}</ResourceView>
      )}
    </>
  )
}

function tabsOf(topic: string, view: TopicView | undefined) {
  const titles: Readonly<Record<TabName, string>> = {
    messages: 'Messages',
    partitions: view === undefined ? 'Partitions' : `Partitions ${exact(view.partitions.length)}`,
    readers: view === undefined ? 'Readers' : `Readers ${exact(view.readers.length)}`,
    settings: 'Settings',
  }
  const href = (name: TabName) => pathTo('topic', name === 'messages' ? { topic } : { topic, tab: name })
  return tabs.map(name => ({ name, title: titles[name], href: href(name) }))
}

function Tab({ name, view }: { readonly name: TabName; readonly view: TopicView }) {
  if (name === 'readers') return <TopicReaders readers={view.readers} />
  if (name === 'settings') return <TopicSettings topic={view.topic} settings={view.settings} />
  return (
    <div class="stack">
      <Card label="The topic">
        <Sums view={view} />
      </Card>
      <TopicPartitions partitions={view.partitions} />
    </div>
  )
}

function Sums({ view }: { readonly view: TopicView }) {
  return (
    <Figures>
      <Figure
        label="Records"
        value={exactIfKnown(view.records)}
        note={view.recordsAbove.length > 0 && `fewer: ${view.recordsAbove.join(', ')}`}
      />
      <Figure label="Size" value={bytes(view.bytes)} note="of the leaders" />
      <Figure label="Partitions" value={exact(view.partitions.length)} />
      <Figure label="Replicas" value={exact(view.replication)} />
    </Figures>
  )
}

/** What else there is about the topic: schemas, its bad records, whose bad records it holds. */
function Related({ view }: { readonly view: TopicView }) {
  const links = [
    ...view.subjects.map(subject => ({ words: 'Schema ', name: subject, to: pathTo('schema', { subject }) })),
    ...[view.deadLetters].map(topic => topic && { words: 'Bad records ', name: topic, to: pathTo('topic', { topic }) }),
    ...[view.deadLettersOf].map(
      topic => topic && { words: 'Bad records of ', name: topic, to: pathTo('topic', { topic }) },
    ),
  ]
  return (
    <span class="row small">
      {view.id !== null && <Foreign mono>{view.id}</Foreign>}
      {links.map(
        link =>
          link && (
            <span key={link.name}>
              {link.words}
              <a href={link.to}>
                <Foreign>{link.name}</Foreign>
              </a>
            </span>
          ),
      )}
    </span>
  )
}
