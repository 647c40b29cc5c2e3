import type { Worker } from './worker'

export interface Health {
  readonly ok: boolean
  readonly state: Worker['state']
  /** Why consuming has stopped; undefined while it goes on. */
  readonly reason?: string
}

/**
 * Red when consuming has stopped: the worker has given up, or for longer than `stalledMs` it has not run, its loop has not
 * turned, no commit has come through, or Kafka has not answered a fetch. `nowMs` is monotonic.
 */
export function healthOf(worker: Worker, nowMs: number, stalledMs: number): Health {
  const { state } = worker
  const reason = reasonOf(worker, nowMs, stalledMs)
  return reason === undefined ? { ok: true, state } : { ok: false, state, reason }
}

function reasonOf(worker: Worker, nowMs: number, stalledMs: number): string | undefined {
  const { state, pulse, lastError } = worker
  const why = lastError === undefined ? '' : `: ${lastError.message}`
  if (state === 'failed') return `the worker has given up${why}`
  if (state === 'stopped') return 'the worker has stopped'
  const past = (since: number) => (nowMs - since > stalledMs ? `${Math.round((nowMs - since) / 1000)} s` : undefined)
  const idle = past(worker.runningAt)
  if (state !== 'running') return idle && `not running for ${idle} (${state})${why}`
  if (pulse === undefined) return undefined
  const still = past(pulse.turnAt)
  if (still) return `the processing loop has not turned for ${still}`
  const uncommitted = past(pulse.committedAt)
  if (uncommitted) return `no commit has come through for ${uncommitted}${why}`
  const seen = worker.inputs().flatMap(({ end }) => end?.seenAtMs ?? [])
  const silent = seen.length === 0 ? undefined : past(Math.max(...seen))
  return silent && `Kafka has not answered a fetch for ${silent}`
}
