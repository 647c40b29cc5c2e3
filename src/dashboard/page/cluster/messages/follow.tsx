import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Message, Problem, Tailed } from '../../../contract'
import { Card } from '../../components/card'
import { Empty } from '../../components/empty'
import { ProblemPanel } from '../../components/problem-panel'
import { live } from '../../data/session'
import { exact, perSecond } from '../../lib/format'
import { query } from '../../shell/location'
import { MessageTable } from './message-table'
import { howToRead, type Reading } from './reading'

interface FollowProps {
  readonly topic: string
  readonly reading: Reading
}

interface Seen {
  /** The newest first. */
  readonly shown: readonly Message[]
  /** What came since it was pinned, the newest first. */
  readonly behind: readonly Message[]
  /** Since then: all that came. */
  readonly missed: number
  readonly leftOut: number
  readonly perSecond: number
}

const nothing: Seen = { shown: [], behind: [], missed: 0, leftOut: 0, perSecond: 0 }
const kept = 500

/** What arrives in a topic, the newest on top. Pinned, the lines stand still, and so they do while one is open. */
export function Follow({ topic, reading }: FollowProps) {
  const isPinned = useSignal(false)
  const seen = useSignal(nothing)
  const problem = useSignal<Problem | undefined>(undefined)
  const { filter, uncommitted } = reading
  useEffect(
    () =>
      live.subscribe(
        { kind: 'tail', topic, uncommitted, ...howToRead(reading), ...(filter === '' ? {} : { filter }) },
        told => {
          seen.value = withMore(seen.peek(), told, isPinned.peek() || query.peek().at !== undefined)
        },
        what => {
          problem.value = what
        },
      ),
    [],
  )
  const { shown, missed, leftOut, perSecond: rate } = seen.value
  const holds = isPinned.value || query.value.at !== undefined
  const pin = () => {
    isPinned.value = !isPinned.value
    if (!isPinned.value) seen.value = unpinned(seen.value)
  }
  return (
    <Card
      title={`${perSecond(rate)} arriving`}
      tools={
        <>
          <span class="soft" role="status">
            {holds && `standing still, ${exact(missed)} more have come`}
            {!holds && leftOut > 0 && `${exact(leftOut)} left out: too many to show`}
          </span>
          <button type="button" class="button" aria-pressed={isPinned.value} onClick={pin}>
            {isPinned.value ? 'Follow the newest' : 'Pin'}
          </button>
        </>
      }
      flush
    >
      {problem.value !== undefined && <ProblemPanel problem={problem.value} />}
      <MessageTable
        topic={topic}
        reading={reading}
        messages={shown}
        empty={<Empty title="Nothing has arrived yet">What is written from now on appears here by itself.</Empty>}
      />
    </Card>
  )
}

/** The server sends the oldest first. */
function withMore(seen: Seen, { messages, leftOut, perSecond: rate }: Tailed, holds: boolean): Seen {
  const more = messages.toReversed()
  const told = { leftOut: seen.leftOut + leftOut, perSecond: rate }
  if (!holds) return { ...told, shown: [...more, ...unpinned(seen).shown].slice(0, kept), behind: [], missed: 0 }
  const missed = seen.missed + more.length + leftOut
  return { ...told, shown: seen.shown, behind: [...more, ...seen.behind].slice(0, kept), missed }
}

const unpinned = (seen: Seen): Seen => ({
  ...seen,
  shown: [...seen.behind, ...seen.shown].slice(0, kept),
  behind: [],
  missed: 0,
})
