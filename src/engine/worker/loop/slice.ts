import type { Clock } from '../../task/clock'
import type { Task } from '../../task/task'

/** How long a task's turn lasts, ms: then come another task's turn, sockets, heartbeats and timers. */
const turnMs = 5
/** What a task may gather in one turn, bytes. */
const turnBytes = 1024 * 1024
/** The clock is read about this often within a turn: by time, or by what was gathered. */
const lookMs = 0.5
const lookBytes = 64 * 1024
const mostRecordsBetweenLooks = 64

/** What a turn needs of a task. */
type Worked = Pick<Task, 'process' | 'gatheredBytes'>

/**
 * Turns limited by time and bytes, whatever a record costs. The clock is read as often as the cost of the last records requires:
 * after each record only where one takes long.
 */
export class Slice {
  private readonly strides = new WeakMap<Worked, number>()

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** One turn of `task`, `room` records at most. Gives how many it processed. */
  run(task: Worked, room: number): number {
    const startedAt = this.clock.monotonic()
    const startBytes = task.gatheredBytes
    let stride = this.strides.get(task) ?? 1
    let [done, at, bytes] = [0, startedAt, startBytes]
    while (done < room) {
      const wanted = Math.min(stride, room - done)
      const processed = task.process(wanted)
      done += processed
      if (processed < wanted) break
      const [now, gathered] = [this.clock.monotonic(), task.gatheredBytes]
      const isCheap = now - at < lookMs && gathered - bytes < lookBytes
      stride = isCheap ? Math.min(stride * 2, mostRecordsBetweenLooks) : Math.max(1, stride >> 1)
      if (now - startedAt >= turnMs || gathered - startBytes >= turnBytes) break
      at = now
      bytes = gathered
    }
    this.strides.set(task, stride)
    return done
  }
}
