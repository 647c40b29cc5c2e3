import type { Finding } from '../diagnosis'
import type { WorkerView } from '../model'
import { lengthInWords, listed } from '../words'
import { chainOf, lagInWords, type Search } from './search'

/** A pause between two states is reported from here on, ms: a rebalance with little state is shorter. */
const longMs = 3_000

/** Workers that process nothing though no service is known to be away: between two generations, or after a failure of their own. */
export function findPauses({ application, nowMs, before }: Search): Finding[] {
  // Whatever is red already explains why they wait.
  if (before.some(({ colour }) => colour === 'red')) return []
  return application.workers.flatMap(worker => {
    if (worker.presence !== 'here') return []
    const { worker: name, stateSinceMs } = worker.tally
    const forMs = Math.max(0, nowMs - stateSinceMs)
    const what = pauseOf(worker, forMs)
    if (what === undefined) return []
    const own = application.tasks.filter(task => task.worker === name).map(({ id }) => id)
    const sentence = `worker ${name} ${what}`
    const waits = own.length === 1 ? `task ${listed(own)} waits` : `tasks ${listed(own)} wait`
    return [
      {
        ...{ kind: 'worker-waiting', colour: 'amber', sentence, sinceMs: stateSinceMs },
        touches: { workers: [name], tasks: own },
        chain: chainOf(sentence, own.length === 0 ? undefined : waits, lagInWords(application.lag)),
      },
    ]
  })
}

function pauseOf({ tally: { state, reason } }: WorkerView, forMs: number): string | undefined {
  // It alternates quickly between failing and opening; the reason stays the same.
  if (state === 'waiting' && reason !== undefined) return `has failed and tries again: ${reason}`
  if (forMs < longMs) return undefined
  const long = lengthInWords(forMs)
  if (state === 'opening') return `has been opening its tasks for ${long}: their state is read first`
  if (state === 'joining') return `has been waiting for ${long} to be given tasks by the group`
  return state === 'draining' ? `has been committing its last work for ${long}, to give tasks to others` : undefined
}
