import { Command } from 'commander'
import { type App, startApp } from '../../app/app'
import { ConfluentRegistry } from '../../codecs/schema-registry'
import { readConfig } from '../../config'
import { createBroker } from '../../connectors/kafka/kafka-broker'
import { authorsLines } from '../../engine/plan/authors-lines'
import { bindCodecs } from '../../engine/task/codec-book'
import { log } from '../../log'
import { Outages } from '../../outages'
import { runFeed } from '../dev/feed'
import { prepare } from '../dev/prepare'
import { showResults } from '../dev/results'
import { exitCode, oneLine } from '../shared/exit-code'
import { loadTopology } from '../shared/load-topology'
import { whole } from '../shared/parse'

interface Options {
  readonly feed?: string
  readonly partitions: number
  readonly acceptNewState?: boolean
  readonly prepare?: boolean
}

/** A stop that hangs is cut off: what isn't committed is replayed, ms. */
const stopLimitMs = 5_000

const stop = new AbortController()
let app: App | undefined

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function end(): Promise<void> {
  if (stop.signal.aborted) return
  stop.abort()
  setTimeout(() => process.exit(0), stopLimitMs).unref()
  await app?.stop().catch(() => undefined)
  process.exit(0)
}

/** One life of a topology under `weir dev`, from a save to the next: what it needs is made, it runs, is fed, and its results are shown. */
async function run(file: string, options: Options): Promise<void> {
  const { feed, partitions, acceptNewState = false } = options
  const topology = await loadTopology(file)
  const config = readConfig()
  log.level = config.logLevel
  const outages = new Outages({ log })
  const broker = createBroker({ ...config.kafka, ...config, application: topology.name, outages })
  const registry = new ConfluentRegistry({ url: config.registryUrl })
  if (options.prepare) await prepare(topology, { config, broker, registry, partitions, tell: say })
  app = await startApp(topology, { config, log, outages, acceptNewState, signal: stop.signal })
  const planned = app.plan.topology
  const book = await bindCodecs(planned, registry)
  const shown = showResults({ topology: planned, broker, book, print: say, stop: stop.signal })
  const fed = feed === undefined ? undefined : runFeed(feed, { topology, broker, registry, stop: stop.signal })
  fed?.catch(error => log.error({ at: authorsLines(error)[0] }, `${feed} has ended: ${oneLine(error)}`))
  say(`${topology.name} runs`)
  await Promise.race([app.failed, shown])
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.on(signal, () => void end())
new Command('dev')
  .argument('<file>')
  .option('--feed <file>')
  .option('--partitions <n>', '', whole('partitions', 1), 4)
  .option('--accept-new-state')
  .option('--prepare')
  .action(run)
  .parseAsync()
  .catch(error => {
    if (stop.signal.aborted) return
    process.stderr.write(`${oneLine(error)}\n`)
    process.exit(exitCode(error))
  })
