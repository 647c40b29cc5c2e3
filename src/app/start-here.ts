import { type Config, checkSettings, readConfig } from '../config'
import { checkedTopology, type Topology } from '../dsl/graph'
import { healthOf, readinessOf } from '../engine/observe/health'
import { createMetrics } from '../engine/observe/metrics'
import { systemClock } from '../engine/task/clock'
import { log as ownLog } from '../log'
import { Outages } from '../outages'
import { startApp } from './app'
import type { Running, StartSettings } from './running'

/** What `start` does, with all that it takes. */
export async function startHere(topology: Topology, settings: StartSettings): Promise<Running> {
  checkedTopology('start', topology)
  checkSettings(settings)
  const { log = ownLog, signal = new AbortController().signal, acceptNewState = false, ...given } = settings
  // What is undefined wasn't given.
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const config: Config = { ...readConfig(), ...own }
  const outages = new Outages({ log })
  const { worker, vitals, failed, stop } = await startApp(topology, { config, log, outages, acceptNewState, signal })
  const { healthStalledMs: stalledMs } = config
  const metrics = createMetrics({ worker, vitals, outages, clock: systemClock, stalledMs })
  return {
    health: () => healthOf(worker, systemClock.monotonic(), stalledMs),
    ready: () => readinessOf(worker, outages),
    metrics: async () => (await metrics.text(undefined)).body,
    failed,
    stop,
  }
}
