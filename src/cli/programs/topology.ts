import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { Command } from 'commander'
import { startApp } from '../../app/app'
import { type Config, readConfig } from '../../config'
import type { Topology } from '../../dsl/graph'
import { type MetricsServer, serveMetrics } from '../../engine/observe/metrics-server'
import { systemClock } from '../../engine/task/clock'
import type { Worker } from '../../engine/worker/worker'
import { ConfigError, TopologyError } from '../../errors'
import { log } from '../../log'
import { Outages } from '../../outages'
import { exitCode, oneLine } from '../shared/exit-code'
import { DEFAULT_FILE, loadTopology } from '../shared/load-topology'
import { startLine } from './start-line'
import { supervise } from './supervise'

interface Options {
  readonly workers: string
  readonly acceptNewState?: boolean
}

const runner = resolve(__dirname, '../../../bin/run.mjs')

// While the windows fill, what is made for them stays, and V8 concludes that their entries live long: from then on it makes every
// version of them where only a full collection finds it. They don't: most are replaced within milliseconds.
setFlagsFromString('--no-allocation-site-pretenuring')

/** Workers on one machine serve their metrics on ports next to each other. */
function environmentOf({ metricsPort }: Config, index: number): NodeJS.ProcessEnv {
  return metricsPort ? { ...process.env, METRICS_PORT: String(metricsPort + index) } : process.env
}

/** The configuration and the topology. What is wrong with either is said at once: nobody should learn the second fault after the first. */
function bothOrFaults(file: string): { readonly config: Config; readonly topology: Topology } {
  const faults: Error[] = []
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof TopologyError)) throw error
      faults.push(error)
      return undefined
    }
  }
  const [config, topology] = [attempt(() => readConfig()), attempt(() => loadTopology(file))]
  if (config !== undefined && topology !== undefined) return { config, topology }
  throw faults.length === 1 ? faults[0] : new ConfigError(faults.map(({ message }) => message).join('; and '))
}

/** Tells the process that forked this one that records are being processed. */
async function tellWhenRunning(worker: Worker): Promise<void> {
  while (worker.state !== 'running') await sleep(50)
  if (process.connected) process.send?.({ running: true })
}

async function metricsOf(config: Config, outages: Outages): Promise<MetricsServer | undefined> {
  const { metricsPort: port, metricsHost: host, healthStalledMs: stalledMs } = config
  if (port === undefined) return undefined
  const metrics = await serveMetrics({ host, port, clock: systemClock, stalledMs, outages })
  log.info(`metrics: ${metrics.url}/metrics, /health and /ready`)
  return metrics
}

async function run(file: string, { workers, acceptNewState = false }: Options): Promise<void> {
  const count = Number(workers)
  if (!Number.isInteger(count) || count < 1)
    throw new TopologyError(`--workers ${workers}: give a whole number, 1 or more`)
  // Each worker would delete the changelogs that the others have just begun.
  if (count > 1 && acceptNewState)
    throw new TopologyError(
      '--accept-new-state is for one worker: start one with it, and the others once that one runs',
    )
  const { config, topology } = bothOrFaults(file)
  // The logger was made before `.env` was read.
  log.level = config.logLevel
  if (count > 1)
    return supervise(count, index =>
      fork(runner, ['src/cli/programs/topology.ts', file], { env: environmentOf(config, index) }),
    )
  log.info(startLine(file, topology.name, config))
  const outages = new Outages({ log })
  const metrics = await metricsOf(config, outages)
  const stop = new AbortController()
  const app = startApp(topology, { config, log, outages, acceptNewState, signal: stop.signal })
  let stopping: Promise<void> | undefined
  const end = () => {
    stop.abort()
    stopping ??= app.then(started => started.stop()).catch(() => undefined)
    // A second signal, or a service that doesn't answer, must not keep the process: what isn't committed is replayed.
    setTimeout(() => process.exit(1), 5_000).unref()
    return stopping.then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
  process.on('disconnect', end)
  const started = await app
  const { worker, failed } = started
  metrics?.watch(started)
  if (process.send) void tellWhenRunning(worker)
  await failed
}

new Command('topology')
  .description('run a topology against the configured services; the same command elsewhere joins in')
  .argument('[file]', 'the topology', DEFAULT_FILE)
  .option('--workers <n>', 'processes that share the partitions', '1')
  .option('--accept-new-state', "begin stores anew whose former state doesn't fit an edited topology")
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync()
  .catch(error => {
    if (error?.name === 'AbortError') return
    process.stderr.write(`topology: ${oneLine(error)}\n`)
    process.exit(error instanceof TopologyError ? 2 : exitCode(error))
  })
