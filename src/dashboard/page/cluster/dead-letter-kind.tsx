import { useState } from 'preact/hooks'
import type { DeadLetterGroup, DeadLetterView } from '../../contract'
import { Card, Figure, Figures, Pairs } from '../components/card'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { Badge } from '../components/status'
import { type Column, Table } from '../components/table'
import { TextView } from '../components/text-view'
import { nowMs } from '../data/clock'
import { useResource } from '../data/use-resource'
import { clock, exact } from '../lib/format'
import { pathTo } from '../lib/routes'
import { query, setQuery } from '../shell/location'
import { PageHead } from '../shell/page-head'
import { MessageBody } from './messages/message-detail'
import { Redrive } from './redrive'
import { WriteButton } from './write-button'

/** The dead letters of one application, step and error, the newest first. */
export function DeadLetterKind({ id }: { readonly id: string }) {
  const kind = useResource('GET /api/dead-letters/:id', { params: { id }, query: { limit: 200 } }, 2000)
  const [isRedriving, setRedriving] = useState(false)
  const group = kind.data?.group
  const left = group === undefined ? 0 : group.letters - group.redriven
  return (
    <>
      <PageHead title="Dead letters" about={<a href={pathTo('dead-letters')}>All kinds</a>}>
        <WriteButton danger disabled={left === 0} onClick={() => setRedriving(true)}>
          Send again
        </WriteButton>
      </PageHead>
      {isRedriving && <Redrive id={id} close={() => setRedriving(false)} />}
      <ResourceView of={kind}>
        {({ group: of, letters }) => (
          <div class="stack">
            <Card title={<Foreign>{of.errorMessage}</Foreign>}>
              <Kind kind={of} />
            </Card>
            <Card label="Letters" flush>
              <Letters letters={letters.toReversed()} />
            </Card>
          </div>
        )}
      </ResourceView>
    </>
  )
}

function Kind({ kind }: { readonly kind: DeadLetterGroup }) {
  const { application, topic, origin, step, errorClass, errorAt, letters, redriven, firstMs, lastMs } = kind
  const link = (name: string) =>
    name === '' ? (
      'not told'
    ) : (
      <a href={pathTo('topic', { topic: name })}>
        <Foreign>{name}</Foreign>
      </a>
    )
  return (
    <div class="stack">
      <Figures>
        <Figure label="Letters" value={exact(letters)} />
        <Figure label="Sent again" value={exact(redriven)} />
        <Figure label="First" value={clock(firstMs, nowMs.peek())} />
        <Figure label="Last" value={clock(lastMs, nowMs.peek())} />
      </Figures>
      <Pairs
        pairs={[
          ['Application', <Foreign key="application">{application || 'not told'}</Foreign>],
          ['Step', <Foreign key="step">{step || 'not told'}</Foreign>],
          ['Error', <Foreign key="class">{errorClass || 'not told'}</Foreign>],
          [
            'At',
            <Foreign key="at" mono>
              {errorAt ?? 'not told'}
            </Foreign>,
          ],
          ['From topic', link(origin)],
          ['Kept in', link(topic)],
        ]}
      />
    </div>
  )
}

const placeOf = ({ message: { partition, offset } }: DeadLetterView) => `${partition}/${offset}`

function Letters({ letters }: { readonly letters: readonly DeadLetterView[] }) {
  const { at } = query.value
  const opened = letters.find(letter => placeOf(letter) === at)
  return (
    <div class={opened === undefined ? 'messages' : 'messages with-detail'}>
      <Table
        {...{ label: 'Letters', columns, rows: letters, keyOf: placeOf, chosen: at, maxHeight: 640 }}
        open={letter => setQuery({ at: placeOf(letter) === at ? undefined : placeOf(letter) })}
      />
      {opened !== undefined && <Letter letter={opened} />}
    </div>
  )
}

function Letter({ letter: { message, stack, cut } }: { readonly letter: DeadLetterView }) {
  return (
    <section class="message-detail" aria-label="The opened letter">
      <div class="row spread">
        <h3>The record as it was</h3>
        <button type="button" class="button plain" onClick={() => setQuery({ at: undefined })}>
          Close
        </button>
      </div>
      {cut && <Badge tone="amber">it was too large to be kept whole</Badge>}
      <MessageBody message={message} />
      {stack !== null && <TextView text={stack} label="Stack" />}
    </section>
  )
}

const columns: readonly Column<DeadLetterView>[] = [
  { name: 'time', title: 'Time', cell: ({ message }) => clock(message.timestampMs, nowMs.peek()) },
  {
    name: 'origin',
    title: 'Came from',
    cell: ({ origin }) =>
      origin === null ? (
        <span class="faint">no single record</span>
      ) : (
        <a href={`${pathTo('topic', { topic: origin.topic })}?at=${origin.partition}/${origin.offset}`}>
          <Foreign>{`${origin.topic} ${origin.partition}/${origin.offset}`}</Foreign>
        </a>
      ),
  },
  {
    name: 'key',
    title: 'Key',
    cell: ({ message: { key } }) =>
      key.text === null ? (
        <Badge>null</Badge>
      ) : (
        <Foreign mono oneLine>
          {key.text}
        </Foreign>
      ),
  },
  { name: 'error', title: 'Error', cell: row => <Foreign oneLine>{row.errorMessage}</Foreign> },
  { name: 'redriven', title: '', cell: row => row.redriven && <Badge tone="green">sent again</Badge> },
]
