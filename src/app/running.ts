import type { Config } from '../config'
import type { Health } from '../engine/worker/health'
import type { Log } from '../log'

/** What a topology is started with: whatever isn't given is taken from the environment and `.env`, else it is the local stack's. */
export interface StartSettings extends Partial<Omit<Config, 'logLevel' | 'metricsPort' | 'metricsHost'>> {
  /** Where lines go: any logger of pino's kind, as Fastify's `app.log`. By default JSON lines on stderr. */
  readonly log?: Log
  /** Ends the waiting for services that are away at the start. */
  readonly signal?: AbortSignal
  /** Begin stores anew whose former state doesn't fit the topology any more, instead of refusing to start. */
  readonly acceptNewState?: boolean
}

/** A topology at work in this process. */
export interface Running {
  /** Whether records are consumed: red when that has stood still for `healthStalledMs`. */
  health(): Health
  /** Whether records are processed now and every service answers. */
  ready(): Health
  /** Its metrics in Prometheus' text format, for a route of your own. */
  metrics(): Promise<string>
  /** Rejects when it has to give up for good. Outages don't end it: it waits. */
  readonly failed: Promise<never>
  /** Drains, commits and leaves the group; records that came too late are another worker's, or the next start's. */
  stop(): Promise<void>
}
