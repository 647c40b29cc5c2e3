import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { type App, type AppOptions, startApp } from '../../app/app'
import { PreflightError } from '../../app/preflight/pass'
import { type Config, readConfig } from '../../config'
import type { Topology } from '../../dsl/graph'
import type { MetricsServer } from '../../engine/observe/metrics-server'
import { systemClock } from '../../engine/task/clock'
import { restoringText } from '../../engine/worker/restore-progress'
import { ConfigError, TopologyError } from '../../errors'
import { log } from '../../log'
import { NotFoundError } from '../../ops/errors'
import { Outages } from '../../outages'
import { exitCode } from '../shared/exit-code'
import { defaultFile, loadTopology } from '../shared/load-topology'
import { asWeirs, ownCommand, tellError } from '../shared/own-command'
import { forkProgram } from '../shared/own-program'
import { startLine } from './start-line'
import { supervise } from './supervise'

interface Options {
  readonly workers: string
  readonly acceptNewState?: boolean
}

/** Workers on one machine serve their metrics on ports next to each other, and are static members of ids of their own. */
function environmentOf({ metricsPort, groupInstanceId }: Config, index: number, topologies: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...(metricsPort && { METRICS_PORT: String(metricsPort + index * topologies) }),
    ...(groupInstanceId !== undefined && { GROUP_INSTANCE_ID: `${groupInstanceId}-${index}` }),
  }
}

interface Loaded {
  readonly file: string
  readonly topology: Topology
}

/** The configuration and the topologies. All that is wrong with them is said at once: nobody should learn the second fault after the first. */
async function allOrFaults(files: readonly string[]): Promise<{ readonly config: Config; readonly loaded: Loaded[] }> {
  const faults: Error[] = []
  const attempt = async <T>(read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof TopologyError || error instanceof NotFoundError))
        throw error
      faults.push(error)
      return undefined
    }
  }
  const config = await attempt(() => readConfig())
  const loaded: Loaded[] = []
  for (const file of files) {
    const topology = await attempt(() => loadTopology(file))
    const same = loaded.find(each => each.topology.name === topology?.name)
    if (same !== undefined)
      faults.push(new TopologyError(`${same.file} and ${file} are both of application "${same.topology.name}"`))
    else if (topology !== undefined) loaded.push({ file, topology })
  }
  if (config !== undefined && faults.length === 0) return { config, loaded }
  throw faults.length === 1 ? faults[0] : new ConfigError(faults.map(({ message }) => message).join('; and '))
}

/** Tells the process that forked this one how the ends are, how far a long restore has come, and whether records are being processed. */
async function tellParent(apps: readonly App[]): Promise<void> {
  while (process.connected) {
    const running = apps.every(({ worker }) => worker.state === 'running')
    const restoring = apps.find(({ worker }) => worker.tally.restoring)?.worker.tally.restoring
    const ends = apps.flatMap(({ vitals }) => vitals.last.ends)
    // One that is gone can't be told, which is no reason to end before `disconnect` does it in order.
    process.send?.({ running, restoring: restoring && restoringText(restoring), ends }, undefined, undefined, () => {})
    await sleep(running ? 1_000 : 50)
  }
}

/** Metrics of the n-th topology; each has a port of its own. */
async function metricsOf(config: Config, outages: Outages, index: number): Promise<MetricsServer | undefined> {
  const { metricsPort: first, metricsHost: host, healthStalledMs: stalledMs } = config
  if (first === undefined) return undefined
  const port = first === 0 ? 0 : first + index
  // Its library is for those who want metrics.
  const { serveMetrics } =
    require('../../engine/observe/metrics-server') as typeof import('../../engine/observe/metrics-server')
  const metrics = await serveMetrics({ host, port, clock: systemClock, stalledMs, outages })
  log.info(`metrics: ${metrics.url}/metrics, /health and /ready`)
  return metrics
}

/** One worker of a topology in this process. */
async function startOne({ file, topology }: Loaded, index: number, options: Omit<AppOptions, 'log'>): Promise<App> {
  const { config } = options
  log.info(startLine(file, topology.name, config))
  const outages = new Outages({ log })
  const metrics = await metricsOf(config, outages, index)
  const app = await startApp(topology, { ...options, file, log, outages })
  metrics?.watch(app)
  return app
}

async function run(files: readonly string[], { workers, acceptNewState = false }: Options): Promise<void> {
  const count = Number(workers)
  if (!Number.isInteger(count) || count < 1)
    throw new TopologyError(`--workers ${workers}: give a whole number, 1 or more`)
  // Each worker would delete the changelogs that the others have just begun.
  if (count > 1 && acceptNewState)
    throw new TopologyError(
      '--accept-new-state is for one worker: start one with it, and the others once that one runs',
    )
  const { config, loaded } = await allOrFaults(files)
  // The logger was made before `.env` was read.
  log.level = config.logLevel
  if (count > 1)
    return supervise(count, index =>
      forkProgram('topology', files, { env: environmentOf(config, index, files.length) }),
    )
  const stop = new AbortController()
  const starts = loaded.map((each, i) => startOne(each, i, { config, acceptNewState, signal: stop.signal }))
  let stopping: Promise<unknown> | undefined
  const end = () => {
    stop.abort()
    stopping ??= Promise.allSettled(starts.map(each => each.then(started => started.stop())))
    // A second signal, or a service that doesn't answer, must not keep the process: what isn't committed is replayed.
    setTimeout(() => process.exit(1), 5_000).unref()
    return stopping.then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
  process.on('disconnect', end)
  const started = await Promise.all(starts)
  // While the windows fill, what is made for them stays, and V8 concludes that their entries live long: from then on it makes every
  // version of them where only a full collection finds it. They don't: most are replaced within milliseconds. Not before all modules are here: code that V8 has
  // kept is of the flags that it began with.
  setFlagsFromString('--no-allocation-site-pretenuring')
  void tellParent(started)
  await Promise.race(started.map(({ failed }) => failed))
}

ownCommand('weir run')
  .description('run topologies against the configured services; the same command elsewhere joins in')
  .argument('[files...]', `the topologies; several run in one process (${defaultFile()})`)
  .option('--workers <n>', 'processes that share the partitions', '1')
  .option('--accept-new-state', "begin stores anew whose former state doesn't fit an edited topology")
  .action((files: readonly string[], options: Options) => run(files.length > 0 ? files : [defaultFile()], options))
  .parseAsync()
  .catch(error => {
    if (error?.name === 'AbortError') return
    if (error instanceof PreflightError && error.lines.length > 1) {
      const lines = error.lines.map(line => `  ${line}\n`).join('')
      process.stderr.write(
        `${asWeirs(`${error.lines.length} things are missing or unlike, nothing was started:`)}\n${lines}`,
      )
    } else tellError(error)
    process.exit(exitCode(error))
  })
