import type { Finding } from '../diagnosis'
import type { EndView } from '../model'
import { counted, lengthInWords, listed } from '../words'
import { chainOf, forLong, isDiskFull, lagInWords, outageInWords, type Search, withoutService } from './search'

/** An end that takes this long for a commit is slow, whatever is usual for it, ms. */
const slowMs = 2_000
/** A commit that is unanswered for this long while the lag grows holds the job up, ms. */
const longMs = 5_000

/** Ends that don't answer, that refuse everything until somebody changes something, whose disk is full, or that are slow: one finding for each kind of end. */
export function findEnds(search: Search): Finding[] {
  const kinds = new Map<string, EndView[]>()
  for (const end of search.application.ends)
    if (end.heldSinceMs !== undefined || isSlow(end)) kinds.set(end.kind, [...(kinds.get(end.kind) ?? []), end])
  return [...kinds].map(([kind, ends]) => endFinding(serviceOf(kind), ends, search))
}

const isSlow = ({ commitMs }: EndView): boolean => commitMs !== undefined && commitMs.p50 >= slowMs

function endFinding(service: string, ends: readonly EndView[], search: Search): Finding {
  const { nowMs } = search
  const reason = ends.find(end => end.reason !== undefined)?.reason
  const held = ends.flatMap(({ heldSinceMs }) => heldSinceMs ?? [])
  const sinceMs = held.length === 0 ? undefined : Math.min(...held)
  const names = ends.map(({ name }) => name)
  if (reason === undefined) return slowFinding(ends, sinceMs, search)
  const [kind, sentence] = causeOf(service, reason, sinceMs, nowMs)
  return {
    ...{ kind, colour: 'red', sentence, touches: touchedBy(names, search) },
    ...(sinceMs !== undefined && { sinceMs }),
    chain: chainOf(
      sentence,
      `${ends.length === 1 ? 'end' : 'ends'} ${listed(names)} ${verb(ends, 'holds', 'hold')}`,
      'consuming paused',
      lagInWords(search.application.lag),
    ),
  }
}

function causeOf(
  service: string,
  reason: string,
  sinceMs: number | undefined,
  nowMs: number,
): [Finding['kind'], string] {
  if (!isDiskFull(reason) && isUnfit(reason))
    return [
      'end-unfit',
      `${service} has taken nothing${forLong(sinceMs, nowMs)}, until somebody mends it: ${withoutService(service, reason)}`,
    ]
  return [isDiskFull(reason) ? 'disk-full' : 'end-stopped', outageInWords(service, reason, sinceMs, nowMs)]
}

/** The words of errors about an altered table or a missing right: trying again can't help. */
const isUnfit = (reason: string) =>
  /permission denied|not authori[sz]ed|table .* (has|lacks|is)|column|does not exist|doesn't exist|ALTER TABLE|GRANT/i.test(
    reason,
  )

function slowFinding(ends: readonly EndView[], sinceMs: number | undefined, search: Search): Finding {
  const { nowMs, application } = search
  const names = ends.map(({ name }) => name)
  const p50 = Math.max(...ends.flatMap(({ commitMs }) => commitMs?.p50 ?? []), 0)
  const what = `${ends.length === 1 ? 'end' : 'ends'} ${listed(names)}`
  const sentence =
    sinceMs === undefined
      ? `${what} ${verb(ends, 'takes', 'take')} ${lengthInWords(p50)} for a commit`
      : `${what} ${verb(ends, 'has', 'have')} not answered a commit${forLong(sinceMs, nowMs)}`
  const queued = ends.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0)
  const isLong = sinceMs !== undefined && nowMs - sinceMs >= longMs
  return {
    ...{ kind: 'end-slow', colour: isLong && application.lag.trend === 'growing' ? 'red' : 'amber', sentence },
    ...{ touches: touchedBy(names, search), ...(sinceMs !== undefined && { sinceMs }) },
    chain: chainOf(
      sentence,
      queued > 0 ? `${counted(queued, 'byte')} wait for it` : undefined,
      'records wait for the commit',
      lagInWords(application.lag),
    ),
  }
}

const verb = (ends: readonly unknown[], one: string, many: string) => (ends.length === 1 ? one : many)

/** The kinds that weir ships, by their usual names. */
const services = new Map([
  ['postgres', 'Postgres'],
  ['mqtt', 'the MQTT broker'],
  ['mqtt-live', 'the MQTT broker'],
])
const serviceOf = (kind: string) => services.get(kind) ?? `end ${kind}`

/** The end, its steps, and the tasks that wait: all tasks of a worker commit together. */
function touchedBy(ends: readonly string[], { application: { topology, tasks } }: Search): Finding['touches'] {
  const nodes = (topology?.parts ?? []).flatMap(part =>
    part.nodes.filter(({ end }) => end !== undefined && ends.includes(end)),
  )
  const waiting = tasks.filter(({ status }) => status === 'holding')
  return { ends, nodes: nodes.map(({ name }) => name), tasks: waiting.map(({ id }) => id) }
}
