import type { Target } from '../../connectors/sink'
import type { EndTally } from '../../vitals/format'
import type { Plan } from '../plan/plan'
import { targetsOf } from '../plan/targets'
import type { EndWork } from '../worker/end-work'
import type { Worker } from '../worker/worker'
import type { Rates } from './rates'

/** An end that owes an answer for so long holds the job up, ms. */
const heldAfterMs = 1_000

/** What each end outside Kafka has taken and what it makes wait. */
export function endTallies(plan: Plan, worker: Worker, rates: Rates): EndTally[] {
  const { tally } = worker
  const queued = queuedBytes(worker)
  return targetsOf(plan.topology).map(target => {
    const { name, end, skipped } = target
    const work = tally.ends.get(end.kind)
    const { commitMs, ageMs } = { commitMs: work?.commitMs.quantiles, ageMs: work?.ageMs.quantiles }
    return {
      ...{ name, kind: end.kind, rate: rates.of('end', name), queuedBytes: queued.get(target) ?? 0 },
      ...{ records: tally.sinkRecords.get(name) ?? 0, bytes: tally.sinkBytes.get(name) ?? 0 },
      ...(skipped && { skipped: skipped() }),
      ...(commitMs && { commitMs }),
      ...(ageMs && { ageMs }),
      ...(work && holdOf(work, worker)),
    }
  })
}

/** Since when an end holds the job up, and why, in its own words. */
function holdOf({ failure, owesSinceMs }: EndWork, { tally: { clock } }: Worker): Partial<EndTally> {
  const [now, wall] = [clock.monotonic(), clock.now()]
  if (failure !== undefined)
    return { heldSinceMs: Math.round(wall - (now - failure.sinceMs)), reason: failure.error.message }
  const holds = owesSinceMs !== undefined && now - owesSinceMs >= heldAfterMs
  return holds ? { heldSinceMs: Math.round(wall - (now - owesSinceMs)) } : {}
}

function queuedBytes({ slots }: Worker): ReadonlyMap<Target, number> {
  const queued = new Map<Target, number>()
  for (const { task } of slots.values())
    for (const { target, bytes } of task.sinks.queues) queued.set(target, (queued.get(target) ?? 0) + bytes)
  return queued
}
