import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../errors'
import type { Log } from '../../log'
import { Outages } from '../../outages'
import type { Outage, Service } from '../contract'

const names: Readonly<Record<Service, string>> = {
  kafka: 'Kafka',
  registry: 'The schema registry',
  postgres: 'Postgres',
  vitals: 'The applications',
}

const advice: Readonly<Record<Service, string>> = {
  kafka: 'Check that it runs and that --brokers or KAFKA_BROKERS names it; the page continues by itself.',
  registry: 'Check that it runs and that --registry or SCHEMA_REGISTRY_URL names it; the page continues by itself.',
  postgres: 'Check that it runs and that DATABASE_URL names it; the page continues by itself.',
  vitals: 'Check that a worker runs; the page continues by itself.',
}

/** Sends a service a cheap request. Rejects where it doesn't answer. */
export type Probe = () => Promise<unknown>

export interface ServiceWatchOptions {
  readonly probes: Readonly<Partial<Record<Service, Probe>>>
  readonly log: Log
  /** Pause between two probes of a service, ms (1,000). */
  readonly everyMs?: number
  /** A probe that takes longer is an outage, ms (1,500). */
  readonly patienceMs?: number
}

interface Known {
  readonly sinceMs: number
  readonly reason: string
}

/** Knows which services are away: it asks each once a second, and others report the failures that they see. */
export class ServiceWatch {
  private readonly away = new Map<Service, Known>()
  private readonly seen = new Set<Service>()
  private readonly listeners = new Set<() => void>()
  private readonly stop = new AbortController()
  private readonly reported: Outages
  private readonly loops: Promise<void>[]

  constructor(private readonly options: ServiceWatchOptions) {
    this.reported = new Outages({ log: options.log })
    this.loops = this.watched.map(service => this.watch(service))
  }

  get watched(): readonly Service[] {
    return Object.keys(this.options.probes) as Service[]
  }

  /** Null: no probe has ended yet. */
  isUp(service: Service): boolean | null {
    return this.seen.has(service) ? !this.away.has(service) : null
  }

  get outages(): readonly Outage[] {
    return [...this.away].map(([service, known]) => ({ service, ...known, todo: advice[service] }))
  }

  /** Calls `listener` whenever a service goes away or comes back; returns a function that ends it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  up(service: Service): void {
    this.reported.back(names[service])
    const changed = this.away.delete(service) || !this.seen.has(service)
    this.seen.add(service)
    if (changed) this.tell()
  }

  down(service: Service, error: Error): void {
    this.reported.lost(names[service], error)
    this.seen.add(service)
    const known = this.away.get(service)
    const reason = error.message
    if (known?.reason === reason) return
    this.away.set(service, { sinceMs: known?.sinceMs ?? Date.now(), reason })
    this.tell()
  }

  async close(): Promise<void> {
    this.stop.abort()
    this.listeners.clear()
    await Promise.all(this.loops)
    this.reported.close()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }

  private async watch(service: Service): Promise<void> {
    const { everyMs = 1_000, patienceMs = 1_500, probes } = this.options
    const { signal } = this.stop
    while (!signal.aborted) {
      try {
        await withinTime(probes[service]?.(), patienceMs)
        if (!signal.aborted) this.up(service)
      } catch (error) {
        if (!signal.aborted) this.down(service, error as Error)
      }
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** Rejects with UnavailableError where `work` takes longer than `limitMs`; its result is ignored then. */
export async function withinTime<T>(work: Promise<T> | undefined, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnavailableError(`no answer within ${limitMs / 1000} s`)), limitMs)
  })
  work?.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
