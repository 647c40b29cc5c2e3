import { computed, signal } from '@preact/signals'
import type { ApplicationHistory, ApplicationNews, ApplicationState } from '../../contract'
import { nowMs } from './clock'

/** All applications of the cluster; undefined until the server has sent them. */
export const applications = signal<readonly ApplicationState[] | undefined>(undefined)
/** When the server sent them last, by the browser's clock. */
export const applicationsToldMs = signal(0)

/** One point a second of what is drawn over time, the newest last. */
export interface HistoryPoint {
  readonly atMs: number
  readonly rate: number
  /** Null where it isn't known. */
  readonly lagMs: number | null
  readonly lagRecords: number | null
}

const kept = 300
const histories = new Map<string, readonly HistoryPoint[]>()
const turn = signal(0)

/** The last minutes of an application: as the server has seen them, and then this page. */
export function historyOf(name: string): readonly HistoryPoint[] {
  turn.value
  return histories.get(name) ?? []
}

/** Takes what the server sends. */
export function takeApplications(news: ApplicationNews['applications'], atMs: number): void {
  const before = new Map(applications.value?.map(({ application }) => [application.name, application.topology]))
  applications.value = news.map(({ state, topology }) => {
    const { name } = state.application
    const known = topology === undefined ? before.get(name) : (topology ?? undefined)
    return known === undefined ? state : { ...state, application: { ...state.application, topology: known } }
  })
  applicationsToldMs.value = atMs
  for (const { state, history } of news) note(state, history, atMs)
  turn.value++
}

function note(
  { application: { name, rate, lag } }: ApplicationState,
  past: ApplicationHistory | undefined,
  atMs: number,
) {
  // A server that was started anew has seen less than this page.
  if (past !== undefined && past.rate.length > (histories.get(name)?.length ?? 0))
    histories.set(name, pointsOf(past, atMs))
  const before = histories.get(name) ?? []
  // What comes more often than once a second would make the line uneven.
  if (atMs - (before.at(-1)?.atMs ?? 0) < 900) return
  const point = { atMs, rate, lagMs: lag.ms ?? null, lagRecords: lag.records ?? null }
  histories.set(name, [...before.slice(1 - kept), point])
}

const pointsOf = ({ rate, lagMs, lagRecords }: ApplicationHistory, atMs: number): HistoryPoint[] =>
  rate.map((each, at) => ({
    ...{ atMs: atMs - (rate.length - 1 - at) * 1000, rate: each ?? 0 },
    ...{ lagMs: lagMs[at] ?? null, lagRecords: lagRecords[at] ?? null },
  }))

/** Names, the worst first, then by name. */
export const byUrgency = computed(() => {
  const order = { red: 0, amber: 1, green: 2 }
  return [...(applications.value ?? [])].sort(
    (a, b) =>
      order[a.diagnosis.colour] - order[b.diagnosis.colour] || (a.application.name < b.application.name ? -1 : 1),
  )
})

/** Vitals come once a second: what is so old is grey, ms. */
const oldAfterMs = 5000

/** Whether what is known of an application is old: the server sends nothing, or none of its workers reports. */
export function isAged({ application: { workers } }: ApplicationState): boolean {
  const isSilent = nowMs.value - applicationsToldMs.value > oldAfterMs
  return isSilent || (workers.length > 0 && workers.every(({ presence }) => presence !== 'here'))
}

export const stateOf = (name: string): ApplicationState | undefined =>
  applications.value?.find(({ application }) => application.name === name)
