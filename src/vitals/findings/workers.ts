import type { Finding } from '../diagnosis'
import type { Application, WorkerView } from '../model'
import { lengthInWords, listed } from '../words'
import { chainOf, forLong, isDiskFull, lagInWords, outageInWords, type Search } from './search'

/** A worker that is silent for less may only be busy; after about this long its group gives its tasks away, ms. */
const surelyMs = 5_000
/** A worker that is gone is reported for this long once others have its tasks, ms. */
const wordMs = 60_000

/** Workers that were killed, that gave up, or that wait for a service other than an end; or that no worker runs at all. */
export function findWorkers(search: Search): Finding[] {
  const { application } = search
  const nobody = nobodyRuns(search)
  if (nobody !== undefined) return [nobody]
  return [
    ...application.workers.flatMap(worker => lostFinding(worker, search)),
    ...application.workers.flatMap(worker => failedFinding(worker, search)),
    ...waitingFinding(search),
  ]
}

/** Red at once: a worker that is alone and only busy says so itself within seconds, and an application that stands still must not wait for that. */
function nobodyRuns({ application, surroundings, nowMs }: Search): Finding | undefined {
  const { name, workers, tasks, lag } = application
  if (surroundings.kafkaAway !== undefined || workers.some(({ presence }) => presence === 'here')) return undefined
  const members = surroundings.members?.get(name)
  const [last] = workers
  const sinceMs = last?.tally.atMs
  const isSure = last === undefined || members === 0 || last.presence === 'left' || last.ageMs >= surelyMs
  const sentence = isSure
    ? `no worker of ${name} has run${forLong(sinceMs, nowMs)}`
    : `no worker of ${name} has been heard of${forLong(sinceMs, nowMs)}`
  return {
    ...{ kind: 'no-workers', colour: 'red', sentence, ...(sinceMs !== undefined && { sinceMs }) },
    touches: { tasks: tasks.map(({ id }) => id), workers: workers.map(({ tally }) => tally.worker) },
    chain: chainOf(
      last === undefined ? undefined : endOf(last, isSure),
      sentence,
      members === 0 ? `group ${name} has no members` : undefined,
      lagInWords(lag),
    ),
  }
}

function endOf({ tally, presence }: WorkerView, isSure: boolean): string {
  const who = whoIs(tally)
  if (presence === 'lost') return isSure ? `${who} was killed, or is cut off` : `${who} says nothing any more`
  return tally.state === 'failed' ? `${who} gave up: ${tally.reason ?? 'it did not say why'}` : `${who} was stopped`
}

function lostFinding({ tally, presence, ageMs }: WorkerView, search: Search): Finding[] {
  const { application, nowMs } = search
  if (presence !== 'lost') return []
  const unowned = orphans(application, tally.worker)
  if (unowned.length === 0 && ageMs > wordMs) return []
  const hasSurelyGone = ageMs >= surelyMs
  const sentence = `${whoIs(tally)} ${hasSurelyGone ? 'was killed, or is cut off' : 'says nothing'}: last heard of ${lengthInWords(ageMs)} ago`
  const waits = unowned.length === 0 ? 'others have its tasks' : `${tasksInWords(unowned)} nobody's`
  return [
    {
      ...{ kind: 'worker-lost', colour: unowned.length > 0 && hasSurelyGone ? 'red' : 'amber', sentence },
      ...{ sinceMs: nowMs - ageMs, touches: { workers: [tally.worker], tasks: unowned } },
      chain: chainOf(sentence, waits, unowned.length > 0 ? lagInWords(application.lag) : undefined),
    },
  ]
}

function failedFinding({ tally, presence, ageMs }: WorkerView, search: Search): Finding[] {
  const { application, nowMs } = search
  const unowned = orphans(application, tally.worker)
  if (presence !== 'left' || tally.state !== 'failed' || (unowned.length === 0 && ageMs > wordMs)) return []
  const sentence = `${whoIs(tally)} gave up: ${tally.reason ?? 'it did not say why'}`
  return [
    {
      ...{ kind: isDiskFull(tally.reason ?? '') ? 'disk-full' : 'worker-failed', colour: 'red', sentence },
      ...{ sinceMs: nowMs - ageMs, touches: { workers: [tally.worker], tasks: unowned } },
      chain: chainOf(
        sentence,
        unowned.length === 0 ? undefined : `${tasksInWords(unowned)} nobody's`,
        lagInWords(application.lag),
      ),
    },
  ]
}

/** Outages of the registry and of the worker's disk: Kafka and the ends have their own finders. */
function waitingFinding({ application, nowMs, before }: Search): Finding[] {
  const here = application.workers.filter(({ presence }) => presence === 'here')
  const services = new Map<string, { sinceMs: number; reason: string; workers: string[] }>()
  for (const { tally } of here)
    for (const { service, sinceMs, reason } of tally.outages) {
      if (service === 'Kafka' || isExplained(service, before)) continue
      const known = services.get(service) ?? { sinceMs, reason, workers: [] }
      services.set(service, {
        ...known,
        sinceMs: Math.min(sinceMs, known.sinceMs),
        workers: [...known.workers, tally.worker],
      })
    }
  return [...services].map(([service, { sinceMs, reason, workers }]) => {
    const sentence = outageInWords(service, reason, sinceMs, nowMs)
    return {
      ...{
        kind: isDiskFull(reason) || service === 'disk' ? 'disk-full' : 'worker-waiting',
        colour: 'red',
        sentence,
        sinceMs,
      },
      touches: { workers, tasks: application.tasks.filter(({ status }) => status === 'holding').map(({ id }) => id) },
      chain: chainOf(sentence, 'consuming paused', lagInWords(application.lag)),
    }
  })
}

/** The outage of an end is reported with the end. */
const isExplained = (service: string, before: readonly Finding[]) =>
  before.some(
    ({ kind, touches, sentence }) =>
      (kind.startsWith('end-') || kind === 'disk-full') &&
      (touches.ends?.length ?? 0) > 0 &&
      sentence.toLowerCase().includes(service.toLowerCase().replace(/^the /, '')),
  )

const orphans = ({ tasks }: Application, worker: string): string[] =>
  tasks.filter(task => task.worker === worker && task.status === 'unowned').map(({ id }) => id)

const tasksInWords = (tasks: readonly string[]) =>
  `${tasks.length === 1 ? 'task' : 'tasks'} ${listed(tasks)} ${tasks.length === 1 ? 'is' : 'are'}`

const whoIs = ({ worker, host, pid }: WorkerView['tally']) => `worker ${worker} (${host}, process ${pid})`
