import { Card } from '../../components/card'
import { Empty } from '../../components/empty'
import { ResourceView } from '../../components/resource-view'
import { useResource } from '../../data/use-resource'
import { counted } from '../../lib/format'
import { setQuery } from '../../shell/location'
import { MessageTable } from './message-table'
import { howToRead, type Reading } from './reading'
import { Unreadable } from './unreadable'

interface BrowseProps {
  readonly topic: string
  readonly reading: Reading
}

const pageSize = 100

/** A page of messages, and the ways to those before and after it. */
export function Browse({ topic, reading }: BrowseProps) {
  const { from, cursor, direction, uncommitted } = reading
  const start = cursor === undefined ? { from, direction } : { cursor }
  const query = { ...howToRead(reading), ...start, limit: pageSize, uncommitted: String(uncommitted) }
  // The newest are those of now; a page in the middle stays as it is.
  const isNewest = cursor === undefined && from === 'latest'
  const page = useResource('GET /api/topics/:topic/messages', { params: { topic }, query }, isNewest ? 2000 : undefined)
  return (
    <ResourceView of={page} height={480}>
      {({ messages, older, newer, atEnd, unreadable }) => (
        <Card
          title={counted(messages.length, 'message')}
          tools={
            <>
              <Turn title="Older" cursor={older} direction="older" />
              <Turn title="Newer" cursor={atEnd ? null : newer} direction="newer" />
              <button type="button" class="button" disabled={isNewest} onClick={() => setQuery(toNewest)}>
                Newest
              </button>
            </>
          }
          flush
        >
          <Unreadable found={unreadable} />
          <MessageTable
            topic={topic}
            reading={reading}
            messages={direction === 'older' ? messages.toReversed() : messages}
            empty={<Empty title="There is nothing here">{whyNothing(reading)}</Empty>}
          />
        </Card>
      )}
    </ResourceView>
  )
}

const toNewest = { from: undefined, cursor: undefined, direction: undefined }

function whyNothing({ from, partitions }: Reading): string {
  if (from !== 'latest') return 'Nothing was written from there on.'
  return partitions === undefined ? 'The topic holds no messages.' : 'These partitions hold no messages.'
}

interface TurnProps {
  readonly title: string
  readonly cursor: string | null
  readonly direction: Reading['direction']
}

function Turn({ title, cursor, direction }: TurnProps) {
  const turn = () => setQuery({ cursor: cursor ?? undefined, direction }, true)
  return (
    <button type="button" class="button" disabled={cursor === null} onClick={turn}>
      {title}
    </button>
  )
}
