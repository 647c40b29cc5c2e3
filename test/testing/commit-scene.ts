import type { Checkpoint } from '../../src/engine/task/checkpoint'
import type { Share } from '../../src/engine/task/verdicts'
import { Committing } from '../../src/engine/worker/loop/committing'
import type { LoopParts } from '../../src/engine/worker/loop/loop-parts'
import type { OpenTasks, Slot } from '../../src/engine/worker/open-tasks'
import { Quarantine } from '../../src/engine/worker/quarantine'
import { Tally } from '../../src/engine/worker/tally'
import { ContentError } from '../../src/errors'

export const refused = (message = 'too long') => new ContentError(message)

/** What a task has for the next commit. */
export function taskOf(id: string) {
  const last = { topic: 'in', partition: 0, offset: 7 }
  const share: Share = { task: id, records: 4, last, results: 0, letters: 0, retained: 0, dropped: [] }
  return {
    id,
    isDirty: true,
    held: { isThere: false },
    share,
    offset: 8 as number,
    metadata: 'w-1' as string | undefined,
  }
}
type FakeTask = ReturnType<typeof taskOf>

/** Commits of the tasks `a` and `b`, which are done when the test says so, on a clock that it sets. */
export function commitScene() {
  const time = { ms: 50 }
  const clock = { now: () => 1_000 + time.ms, monotonic: () => time.ms }
  const [a, b] = [taskOf('a'), taskOf('b')]
  const slots = new Map([a, b].map(task => [task.id, { task, sealed: new Map() }]))
  const begun: { readonly tasks: string[]; readonly done: () => void; readonly fail: (error: unknown) => void }[] = []
  const road = {
    isUneven: false,
    commit: (tasks: readonly FakeTask[]) => {
      const dirty = tasks.filter(({ isDirty }) => isDirty)
      const checkpoints = dirty.map(({ id, offset, metadata }) => ({
        task: id,
        offsets: [{ topic: 'in', partition: 0, offset, ...(metadata !== undefined && { metadata }) }],
      }))
      return new Promise<Checkpoint[]>((resolve, fail) => {
        begun.push({ tasks: tasks.map(({ id }) => id), done: () => resolve(checkpoints as never), fail })
      })
    },
  }
  const [quarantine, tally, lines] = [new Quarantine(), new Tally(clock), [] as unknown[]]
  const told: unknown[] = []
  tally.onCommit = (ms, last, traceId) => told.push({ ms, last, traceId })
  const log = { debug() {}, info() {}, warn() {}, error: (line: unknown) => lines.push(line) }
  const parts = { clock, commitIntervalMs: 200, quarantine, tally, log, traces: { lastTraceId: 'f00d' } }
  const events: unknown[] = []
  const state = { hasFailed: false }
  const on = {
    hasFailed: () => state.hasFailed,
    failed: (error: unknown) => void events.push(error),
    committed: () => void events.push('committed'),
    over: () => void events.push('over'),
  }
  const committing = new Committing({ road, slots } as unknown as OpenTasks, parts as unknown as LoopParts, on)
  /** How many commits have begun when it was looked at that time, ms after the start. */
  const at = (ms: number) => {
    time.ms = 50 + ms
    committing.look()
    return begun.length
  }
  const sealed = (id: string) => (slots.get(id) as unknown as Slot).sealed
  return {
    ...{ a, b, slots, begun, road, quarantine, tally, lines, told, events, state, committing, time, at, sealed },
  }
}
