import { useEffect, useState } from 'preact/hooks'
import type { Message, MessagePage, Problem, SearchProgress } from '../../../contract'
import { Card } from '../../components/card'
import { Empty } from '../../components/empty'
import { ProblemPanel } from '../../components/problem-panel'
import { live } from '../../data/session'
import { counted, duration, exact } from '../../lib/format'
import { MessageTable } from './message-table'
import { howToRead, type Reading } from './reading'
import { Unreadable } from './unreadable'

interface SearchProps {
  readonly topic: string
  readonly reading: Reading
}

/** How far a search has come. */
interface Found {
  readonly hits: readonly Message[]
  readonly unreadable: MessagePage['unreadable']
  readonly last: SearchProgress | undefined
  readonly problem: Problem | undefined
}

const nothing: Found = { hits: [], unreadable: [], last: undefined, problem: undefined }
const most = 1000

/** Goes through the topic until its end, or as many as can be shown, and shows what a filter lets through as it comes. */
export function Search({ topic, reading }: SearchProps) {
  const [isStopped, stop] = useState(false)
  const [found, setFound] = useState(nothing)
  const { filter, uncommitted } = reading
  // A search for the newest would have nothing before it: all of the topic is meant.
  const from = reading.from === 'latest' ? 'earliest' : reading.from
  useEffect(() => {
    if (isStopped) return
    setFound(nothing)
    return live.subscribe(
      { kind: 'search', topic, filter, from, uncommitted, limit: most, ...howToRead(reading) },
      progress => setFound(last => withProgress(last, progress)),
      problem => setFound(last => ({ ...last, problem })),
    )
  }, [isStopped])
  const isOver = isStopped || found.last?.done != null || found.problem !== undefined
  return (
    <Card
      title="Search"
      tools={
        <button type="button" class="button" onClick={() => stop(!isStopped)} disabled={isOver && !isStopped}>
          {isStopped ? 'Search again' : 'Stop'}
        </button>
      }
      flush
    >
      <Progress found={found} isStopped={isStopped} />
      {found.problem !== undefined && <ProblemPanel problem={found.problem} />}
      <Unreadable found={found.unreadable} />
      <MessageTable
        topic={topic}
        reading={reading}
        messages={found.hits}
        empty={isOver && found.problem === undefined && <Empty title="Nothing was found" />}
      />
    </Card>
  )
}

function withProgress({ hits, unreadable, problem }: Found, last: SearchProgress): Found {
  // The server shows how it stands once more when a lost connection comes back: it has begun anew then.
  const before = last.found === last.hits.length ? [] : hits
  return {
    ...{ last, problem },
    hits: [...before, ...last.hits].slice(0, most),
    unreadable: [...unreadable, ...last.unreadable].slice(-10),
  }
}

function Progress({ found: { last }, isStopped }: { readonly found: Found; readonly isStopped: boolean }) {
  const { scanned = 0, total = 0, found = 0, elapsedMs = 0, done = null } = last ?? {}
  return (
    <div class="search-progress">
      <progress max={Math.max(1, total)} value={done === 'end' ? Math.max(1, total) : scanned} aria-label="Searched" />
      <span role="status" aria-label="How far the search has come">
        {exact(found)} found in {exact(scanned)} of {counted(total, 'offset')}, {duration(elapsedMs)}
        {isStopped && '. Stopped'}
        {done === 'limit' && `. It ends after ${exact(most)}: narrow it down`}
        {done === 'end' && '. That was all'}
      </span>
    </div>
  )
}
