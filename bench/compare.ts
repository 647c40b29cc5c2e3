import type { Contestant } from './harness/contestant'
import { type Load, type LoadOptions, load } from './harness/load'
import { loopContestant } from './harness/loop'
import { buildPeer, makePeersDatabase, peerContestant, peers, peersKit } from './harness/peers'
import {
  fixedWorkMs,
  origin,
  quiet,
  type Ratio,
  ratioTable,
  type Summary,
  summarize,
  summaryTable,
} from './harness/report'
import { type Run, runOnce } from './harness/run'
import { type Services, startServices } from './harness/services'
import { jobContestant, jobName, sensorsContestant, sensorsName } from './harness/weir'
import { measureRestore } from './restore'

export interface CompareOptions {
  readonly readings: number
  readonly rounds: number
  readonly peers: boolean
  /** Only contestants whose name holds this. */
  readonly only: string
  /** How long a run waits for a quiet machine, s. */
  readonly quietS: number
}

const onceName = `${jobName}, at least once`
const say = (line: string) => process.stderr.write(`bench: ${line}\n`)
/** The seed's scripts do some 2,000 readings a second. */
const seedReadings = 50_000
const warmUpReadings = 300_000
/** What a plain loop may cost, CPU seconds per million: above it, it is no limit. */
const loopLimit = 4.5

/** Topics are loaded when the first contestant of theirs is there. */
class Topics {
  private readonly loads = new Map<string, Promise<Load>>()

  constructor(private readonly services: Services) {}

  get(options: LoadOptions): Promise<Load> {
    let known = this.loads.get(options.topic)
    if (known === undefined) {
      say(`loading ${options.readings.toLocaleString('en-US')} readings into ${options.topic}`)
      this.loads.set(options.topic, (known = load(options, this.services)))
    }
    return known
  }
}

async function contestantsOf(services: Services, options: CompareOptions): Promise<Contestant[]> {
  const { readings } = options
  const topics = new Topics(services)
  const own = await topics.get({ topic: 'sensor_data', format: 'weir', readings })
  const alo = { name: onceName, environment: { PROCESSING_GUARANTEE: 'at_least_once' } }
  const found = [
    jobContestant(own, services),
    loopContestant(own, services),
    sensorsContestant(own, services),
    jobContestant(own, services, alo),
  ]
  if (options.peers) found.push(...(await peerContestants(services, topics, readings)))
  return found.filter(({ name }) => name.includes(options.only))
}

async function peerContestants(services: Services, topics: Topics, readings: number): Promise<Contestant[]> {
  const kit = peersKit()
  if (kit === undefined) throw new Error('--peers: no peers found; WEIR_PEERS has to name their folder')
  for (const peer of [peers.direct, peers.seed]) buildPeer(kit, peer)
  await makePeersDatabase(services)
  const avro = await topics.get({ topic: 'bench_peers_avro', format: 'peers', readings })
  const json = await topics.get({
    topic: 'bench_peers_json',
    format: 'json',
    readings: Math.min(readings, seedReadings),
  })
  return [
    peerContestant(kit, peers.direct, avro, services),
    peerContestant(kit, peers.hivemq, avro, services),
    peerContestant(kit, peers.seed, json, services),
  ]
}

/** Kafka's own code is compiled while it runs: what the first contestant pays for that is nobody's. Not counted. */
async function warmUp(services: Services): Promise<void> {
  say('warming the services up')
  const topic = await load({ topic: 'bench_warm_up', format: 'weir', readings: warmUpReadings }, services)
  for (const contestant of [jobContestant(topic, services), loopContestant(topic, services)])
    await runOnce(contestant, `${Date.now()}`, services)
}

/** Every contestant once a round, each round in the other direction. */
async function rounds(contestants: readonly Contestant[], services: Services, options: CompareOptions): Promise<Run[]> {
  const runs: Run[] = []
  for (let round = 1; round <= options.rounds; round++) {
    for (const contestant of round % 2 === 1 ? contestants : [...contestants].reverse()) {
      await quiet(options.quietS)
      const run = await runOnce(contestant, `${Date.now()}`, services)
      runs.push(run)
      const outcome =
        run.void === undefined ? `${Math.round(run.rate).toLocaleString('en-US')} readings/s` : `VOID: ${run.void}`
      say(
        `round ${round}, ${run.contestant}: ${outcome}, ${run.cpuPerMillion.toFixed(1)} CPU-s/M, noise ${run.noise.toFixed(2)}`,
      )
    }
  }
  return runs
}

function ratiosOf(summaries: readonly Summary[], restorePerS: number): Ratio[] {
  const find = (name: string) => summaries.find(each => each.name === name)
  const rate = (name: string) => find(name)?.rate ?? Number.NaN
  const cpu = (name: string) => find(name)?.cpu ?? Number.NaN
  const loop = find('limit loop')
  const slow = loop !== undefined && loop.cpu > loopLimit
  const rss = Math.max(...[jobName, sensorsName].map(name => find(name)?.maxRssMb ?? Number.NaN))
  return [
    {
      what: 'readings/s, exactly once, against the limit loop',
      floor: 0.6,
      aim: 0.85,
      value: rate(jobName) / rate('limit loop'),
      void: slow ? `the loop took ${loop.cpu.toFixed(1)} µs of CPU a reading, more than ${loopLimit}` : undefined,
    },
    {
      what: 'against Kafka Streams, own MQTT frames',
      floor: 1,
      aim: 1.4,
      value: rate(jobName) / rate(peers.direct.name),
    },
    {
      what: 'CPU a reading against the same',
      floor: 0.75,
      aim: 0.5,
      less: true,
      value: cpu(jobName) / cpu(peers.direct.name),
    },
    {
      what: 'against Kafka Streams, HiveMQ client',
      floor: 1.6,
      aim: 2.3,
      value: rate(jobName) / rate(peers.hivemq.name),
    },
    { what: 'exactly once against at least once', floor: 0.85, aim: 0.95, value: rate(jobName) / rate(onceName) },
    { what: 'against the Python scripts', floor: 30, aim: 50, value: rate(jobName) / rate(peers.seed.name) },
    { what: 'restore, records/s', floor: 200_000, aim: 500_000, value: restorePerS },
    { what: 'max RSS of a worker', floor: 350, aim: 200, less: true, unit: ' MB', value: rss },
  ]
}

/** `npm run bench`: all contestants on the same services and data. Resolves with what `--json` prints. */
export async function compare(options: CompareOptions): Promise<unknown> {
  const services = await startServices()
  try {
    const contestants = await contestantsOf(services, options)
    await warmUp(services)
    const runs = await rounds(contestants, services, options)
    const restorePerS = options.only === '' ? await measureRestore(services) : Number.NaN
    const summaries = summarize(runs)
    const ratios = ratiosOf(summaries, restorePerS)
    const { heading, ...about } = { ...origin(), fixedWorkMs: fixedWorkMs() }
    const voids = runs.filter(run => run.void !== undefined).map(run => `- ${run.contestant}: ${run.void}`)
    const title = `${heading}; median of the runs that count, of ${options.rounds}; fixed work ${about.fixedWorkMs} ms`
    const text = [
      title,
      summaryTable(summaries),
      ratioTable(ratios),
      ...(voids.length > 0 ? ['Void runs:', ...voids] : []),
    ]
    return { text: text.join('\n\n'), ...about, summaries, ratios, runs }
  } finally {
    await services.stop()
  }
}
