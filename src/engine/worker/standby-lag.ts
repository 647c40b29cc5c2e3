import type { Reader } from '../../connectors/source'
import type { TaskState } from '../task/task-state'
import { acceptableLag } from './member-tasks'
import type { Changelog } from './restorer'

/** Records that a state may lack to be at the end of its changelogs: those of the last commits, and the ends of transactions. */
const arrivalLag = 500

/** The state of a task that another worker has. */
export interface Standby {
  readonly state: TaskState
  readonly changelogs: readonly Changelog[]
  /** It has been at the end of its changelogs. */
  hasArrived?: boolean
}

/** Whether a state that lacks so many records is as good as complete: a short changelog that is still to be read isn't, however little it is. */
export function isClose(standby: Standby, lag: number): boolean {
  if (lag <= arrivalLag) standby.hasArrived = true
  return standby.hasArrived === true && lag <= acceptableLag
}

/** How many records of a state's changelogs are still to be read; MAX_SAFE_INTEGER where that isn't known yet. `limitOf`: how far a changelog may be followed, undefined where that isn't known either. */
export function lagOf(
  changelogs: readonly Changelog[],
  reader: Pick<Reader, 'end'> | undefined,
  limitOf: (changelog: Changelog) => number | undefined,
): number {
  // A standby that starts over has no changelogs yet.
  if (changelogs.length === 0) return Number.MAX_SAFE_INTEGER
  let lag = 0
  for (const changelog of changelogs) {
    const { state, topic } = changelog
    const end = reader?.end({ topic, partition: state.partition })
    const limit = limitOf(changelog)
    if (end === undefined || limit === undefined) return Number.MAX_SAFE_INTEGER
    const last = Math.min(end.endOffset, limit)
    lag += Math.max(0, last - (state.restoredTo.get(topic) ?? 0))
  }
  return lag
}
