import type { Application, TaskView, WorkerView } from './model'

/** What one worker has of its application's tasks, by its own last words. */
export interface WorkerShare {
  readonly worker: string
  readonly host: string
  readonly pid: number
  /** As in its vitals (`running`, `opening`, …); `lost` where it has fallen silent. */
  readonly state: string
  readonly ageMs: number
  /** The share that is done while it restores state for longer than 2 s, 0 to 1. */
  readonly restored?: number
  /** Tasks that are its own, at work or not. */
  readonly owns: readonly string[]
  /** Tasks of others whose state it follows. */
  readonly follows: readonly string[]
  /** What it still lacks: an own task that isn't at work, or records of a followed one's changelogs; null where it isn't known how many. */
  readonly lacks: readonly { readonly task: string; readonly records: number | null }[]
}

/** Who has which task, and which tasks nobody has. */
export interface Shares {
  readonly workers: readonly WorkerShare[]
  /** Tasks whose worker is gone, and that no other has yet. */
  readonly unowned: readonly string[]
  /** Tasks with state that no worker follows closely enough to take over at once. */
  readonly withoutStandby: readonly string[]
}

/** Who lacks no more records than this takes a task over at once: as the assignor has it. */
const closeRecords = 10_000

/** Who owns, follows and lacks what, also while the group rebalances: its coordinator says nothing then. */
export function sharesOf({ workers, tasks, topology }: Pick<Application, 'workers' | 'tasks' | 'topology'>): Shares {
  // A task that isn't open yet tells of no stores.
  const hasState = ({ part, stores }: TaskView) =>
    stores.length > 0 || topology?.parts.find(({ id }) => id === part)?.nodes.some(node => node.stores.length > 0)
  const present = workers.filter(({ presence }) => presence !== 'left')
  const closely = new Set(
    workers.flatMap(({ presence, tally }) =>
      presence === 'here' ? tally.standbys.flatMap(({ task, lag }) => (lag <= closeRecords ? [task] : [])) : [],
    ),
  )
  const lacking = tasks.filter(task => hasState(task) && !closely.has(task.id))
  return {
    workers: present.map(shareOf).sort((a, b) => order(a.host, b.host) || a.pid - b.pid),
    unowned: tasks.flatMap(({ id, status }) => (status === 'unowned' ? [id] : [])),
    withoutStandby: lacking.map(({ id }) => id),
  }
}

function shareOf({ tally, ageMs, presence }: WorkerView): WorkerShare {
  const { worker, host, pid, state, tasks, standbys } = tally
  const idle = tasks.filter(({ status }) => status === 'holding').map(({ id }) => ({ task: id, records: null }))
  const behind = standbys.flatMap(({ task, lag }) =>
    lag === 0 ? [] : [{ task, records: lag >= Number.MAX_SAFE_INTEGER ? null : lag }],
  )
  return {
    ...{ worker, host, pid, state: presence === 'lost' ? 'lost' : state, ageMs },
    ...(tally.restoring && { restored: tally.restoring.share }),
    owns: tasks.map(({ id }) => id),
    follows: standbys.map(({ task }) => task),
    lacks: [...idle, ...behind],
  }
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
