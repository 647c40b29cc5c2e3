import type { FleetNotes } from '../../contract/fleet-frame'
import { Card } from '../components/card'
import { Empty } from '../components/empty'
import { Foreign } from '../components/foreign'
import { nowMs } from '../data/clock'
import { counted } from '../lib/format'
import { StateMark } from './state-mark'
import { sentenceOf, stateNames } from './state-words'

interface StandingListProps {
  readonly notes: FleetNotes | undefined
  readonly pathOf: (key: string) => string
}

/** The keys that stand out, in words, also for those who can't see the cells. */
export function StandingList({ notes, pathOf }: StandingListProps) {
  if (notes === undefined) return <Card title="What stands out">{null}</Card>
  const { states, standing } = notes
  const count = states.stuck + states.implausible + states.silent + states.unreadable
  const atMs = notes.atMs === 0 ? nowMs.value : notes.atMs + Math.max(0, nowMs.value - notes.atMs - notes.behindMs)
  return (
    <Card title={count === 0 ? 'What stands out' : `${counted(count, 'key stands', 'keys stand')} out`} flush>
      {count === 0 ? (
        <Empty title="Nothing">Every key does what it usually does.</Empty>
      ) : (
        <ul class="standing">
          {standing.map(each => (
            <li key={each.key}>
              <a href={pathOf(each.key)}>
                <StateMark state={each.state} />
                <span class="standing-key">
                  <Foreign oneLine>{each.key}</Foreign>
                </span>
                <span class="standing-state">{stateNames[each.state]}</span>
                <span class="standing-why">{sentenceOf(each, atMs)}</span>
              </a>
            </li>
          ))}
          {standing.length > 0 && count > standing.length && (
            <li class="soft small standing-more">and {counted(count - standing.length, 'other')}</li>
          )}
        </ul>
      )}
    </Card>
  )
}
