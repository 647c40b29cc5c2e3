import type { Outages } from '../../outages'
import type { Health } from '../worker/health'
import type { Worker } from '../worker/worker'

/**
 * Red when consuming has stopped: the worker has given up, or for longer than `stalledMs` nothing could be committed, the loop
 * has not turned, or Kafka has not answered a fetch. `nowMs` is monotonic.
 */
export function healthOf(worker: Worker, nowMs: number, stalledMs: number): Health {
  const { state } = worker
  const reason = reasonOf(worker, nowMs, stalledMs)
  return reason === undefined ? { ok: true, state } : { ok: false, state, reason }
}

/**
 * Whether records are processed now and every service answers: not ready from the first moment that one is away, where health waits
 * for a while. Undefined is a worker that waits for its services since the start.
 */
export function readinessOf(
  worker: Pick<Worker, 'state' | 'lastError'> | undefined,
  { current }: Pick<Outages, 'current'>,
): Health {
  const state = worker?.state ?? 'starting'
  const away = [...current.keys()]
  if (away.length > 0)
    return { ok: false, state, reason: `${away.join(' and ')} ${away.length > 1 ? 'do' : 'does'} not answer` }
  if (state === 'running') return { ok: true, state }
  const why = worker?.lastError === undefined ? '' : `: ${worker.lastError.message}`
  return { ok: false, state, reason: `no records are processed (${state})${why}` }
}

function reasonOf(worker: Worker, nowMs: number, stalledMs: number): string | undefined {
  const { state, pulse, lastError, lastHealthyAtMs } = worker
  const why = lastError === undefined ? '' : `: ${lastError.message}`
  if (state === 'failed') return `the worker has given up${why}`
  if (state === 'stopped') return 'the worker has stopped'
  const past = (since: number) => (nowMs - since > stalledMs ? `${Math.round((nowMs - since) / 1000)} s` : undefined)
  const still = pulse && past(pulse.turnAt)
  if (still) return `the processing loop has not turned for ${still}`
  const unwell = past(lastHealthyAtMs)
  if (unwell) return `nothing could be committed for ${unwell} (${state})${why}`
  const seen = worker.inputs().flatMap(({ end }) => end?.seenAtMs ?? [])
  const silent = seen.length === 0 ? undefined : past(Math.max(...seen))
  return silent && `Kafka has not answered a fetch for ${silent}`
}
