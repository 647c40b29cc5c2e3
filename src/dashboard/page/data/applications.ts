import { computed, signal } from '@preact/signals'
import type { ApplicationState } from '../../contract'
import { nowMs } from './clock'

/** All applications of the cluster; undefined until the server has told. */
export const applications = signal<readonly ApplicationState[] | undefined>(undefined)
/** When the server told it last, by the browser's clock. */
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

/** The last minutes of an application, as this page has seen them. */
export function historyOf(name: string): readonly HistoryPoint[] {
  turn.value
  return histories.get(name) ?? []
}

/** Takes what the server tells. */
export function takeApplications(told: readonly ApplicationState[], atMs: number): void {
  applications.value = told
  applicationsToldMs.value = atMs
  for (const { application } of told) {
    const { rate, lag } = application
    const point = { atMs, rate, lagMs: lag.ms ?? null, lagRecords: lag.records ?? null }
    const before = histories.get(application.name) ?? []
    // What comes more often than once a second would make the line uneven.
    if (atMs - (before.at(-1)?.atMs ?? 0) < 900) continue
    histories.set(application.name, [...before.slice(1 - kept), point])
  }
  turn.value++
}

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

/** Whether what is told of an application is old: the server is silent, or all of its workers are. */
export function isAged({ application: { workers } }: ApplicationState): boolean {
  const isSilent = nowMs.value - applicationsToldMs.value > oldAfterMs
  return isSilent || (workers.length > 0 && workers.every(({ presence }) => presence !== 'here'))
}

export const stateOf = (name: string): ApplicationState | undefined =>
  applications.value?.find(({ application }) => application.name === name)
