import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { readConfig } from '../src/config'
import { startFleetProcess } from '../src/sensors/simulator/fleet-process'
import { decimals, markdown, origin } from './harness/report'
import { type Services, startServices } from './harness/services'
import { loadAside, makeTopic } from './harness/topology'
import { forget, migrateFor } from './harness/weir'
import { Arrivals, every } from './rebalance/arrivals'
import { Crew } from './rebalance/crew'

export interface RebalanceOptions {
  readonly workers: number
  readonly sensors: number
  /** Readings a second, of all sensors. */
  readonly rate: number
}

const topologyFile = 'topology/sensors.ts'
const partitions = 10
/** Of the part that writes readings to MQTT. */
const taskOf = (partition: number) => `0_${partition}`
const tasks = Array.from({ length: partitions }, (_, partition) => taskOf(partition))
/** Nothing counts while code is compiled. */
const warmUpMs = 10_000
const restMs = 30_000

/** How the workers of a round are. */
interface Round {
  readonly standbys: number
}
const rounds: readonly Round[] = [{ standbys: 0 }, { standbys: 1 }]

/** What one event did. Gaps in ms; undefined where no task stayed, or none moved. */
interface Shown extends Round {
  readonly event: string
  readonly moved: number
  readonly stayedGapMs: number | undefined
  readonly movedGapMs: number | undefined
  readonly duplicates: number
  readonly followed: number
}

const longest = (gaps: readonly (number | undefined)[]): number | undefined => {
  const known = gaps.flatMap(gap => gap ?? [])
  return known.length === 0 ? undefined : Math.max(...known)
}

/** Several of one kind are one line, of the worst of each. */
function worst(shown: readonly Shown[], event: string): Shown {
  const sum = (of: (each: Shown) => number) => shown.reduce((total, each) => total + of(each), 0)
  return {
    ...shown[0]!,
    event,
    moved: sum(({ moved }) => moved),
    stayedGapMs: longest(shown.map(({ stayedGapMs }) => stayedGapMs)),
    movedGapMs: longest(shown.map(({ movedGapMs }) => movedGapMs)),
    duplicates: sum(({ duplicates }) => duplicates),
    followed: sum(({ followed }) => followed),
  }
}

/** Does something to the workers, and says what their sensors' readers saw of it. */
async function during(
  event: string,
  round: Round,
  crew: Crew,
  arrivals: Arrivals,
  work: () => Promise<void> | void,
): Promise<Shown> {
  crew.begin()
  arrivals.begin()
  await work()
  await crew.settled(arrivals)
  const gaps = arrivals.gaps()
  const { moved } = crew
  const of = (isMoved: boolean) =>
    longest(tasks.flatMap(task => (moved.includes(task) === isMoved ? gaps.get(task) : [])))
  return {
    ...round,
    event,
    moved: moved.length,
    stayedGapMs: of(false),
    movedGapMs: of(true),
    duplicates: arrivals.duplicates,
    followed: arrivals.count,
  }
}

async function eventsOf(
  services: Services,
  round: Round,
  names: readonly string[],
  crew: Crew,
  arrivals: Arrivals,
): Promise<Shown[]> {
  const one = (event: string, work: () => Promise<void> | void) => during(event, round, crew, arrivals, work)
  const nothing = await one('nothing', () => sleep(5_000))
  const aside = await one('a process starts beside them', async () => {
    for (let starts = 3; starts > 0; starts--) await loadAside(services, topologyFile)
  })
  const join = await one('one more joins', () => crew.start('guest'))
  const leave = await one('it leaves', () => crew.stop('guest'))
  const joinLoaded = await crew.load('loaded guest')
  const second = await one('one that has loaded joins', joinLoaded)
  const leaveAgain = await one('it leaves', () => crew.stop('loaded guest'))
  const rolled: Shown[] = []
  for (const name of names)
    rolled.push(
      await one('restart', async () => {
        await crew.stop(name)
        crew.start(name)
      }),
    )
  const [victim] = names
  const killed = await one('SIGKILL of one', () => crew.kill(victim!))
  const back = await one('it comes back', () => crew.start(victim!))
  const roll = worst(rolled, `rolling restart of ${names.length}`)
  return [nothing, aside, join, leave, second, leaveAgain, roll, killed, back]
}

/** What of the readings is not in Postgres in time, or there twice; undefined when each is there once. */
async function missing({ addresses }: Services, readings: number): Promise<string | undefined> {
  const db = new Client({ connectionString: addresses.databaseUrl })
  await db.connect()
  try {
    for (const end = Date.now() + restMs; ; await sleep(200)) {
      const { rows } = await db.query('SELECT count(*)::int AS n FROM sensor_data')
      if (rows[0].n === readings) return undefined
      if (Date.now() > end) return `${rows[0].n} rows of ${readings} readings`
    }
  } finally {
    await db.end()
  }
}

async function runRound(services: Services, round: Round, options: RebalanceOptions) {
  const { kafka, registryUrl } = readConfig({ ...process.env, ...services.environment })
  await makeTopic(services, 'sensor_data', partitions)
  await migrateFor(topologyFile, services)
  const names = Array.from({ length: options.workers }, (_, i) => `worker-${i}`)
  const crew = new Crew(services, () => ({ NUM_STANDBY_REPLICAS: String(round.standbys) }), tasks)
  const arrivals = await Arrivals.open(services.addresses.mqttUrl, options.sensors, partitions, taskOf)
  const fleet = startFleetProcess({
    kafka,
    registryUrl,
    sensors: options.sensors,
    rate: options.rate / options.sensors,
  })
  try {
    for (const name of names) crew.start(name)
    await crew.settled(arrivals)
    await sleep(warmUpMs)
    const shown = await eventsOf(services, round, names, crew, arrivals)
    await fleet.stop()
    return { shown, fault: await missing(services, fleet.counters.acknowledged) }
  } finally {
    await fleet.stop().catch(() => undefined)
    await crew.end()
    await arrivals.stop()
  }
}

/** Leaves nothing of a round: the next one begins at an empty topic. */
async function cleanUp(services: Services): Promise<void> {
  const ours = (topic: string) => /^sensor/.test(topic)
  // A topic may be gone between two questions of the client's; what is left is found by the next look.
  for (let left = 5; left > 0; left--) {
    const isDone = await forget(services, 'sensors', ours).then(
      () => true,
      () => false,
    )
    if (isDone) break
    await sleep(1_000)
  }
  const db = new Client({ connectionString: services.addresses.databaseUrl })
  await db.connect()
  await db.query('TRUNCATE sensor_data, sensor_data_10s, sensor_data_1m, weir_positions')
  await db.end()
}

const gap = (ms: number | undefined) => (ms === undefined ? '–' : decimals(ms, 0))

/** `npm run bench -- rebalance`: what a subscriber sees while workers come and go. */
export async function rebalance(options: RebalanceOptions): Promise<unknown> {
  const services = await startServices()
  try {
    const shown: Shown[] = []
    const faults: string[] = []
    for (const round of rounds) {
      const found = await runRound(services, round, options)
      shown.push(...found.shown)
      for (const each of found.shown) process.stderr.write(`bench: ${JSON.stringify(each)}\n`)
      if (found.fault !== undefined) faults.push(`VOID, ${round.standbys} standbys: ${found.fault}`)
      await cleanUp(services)
    }
    const { heading, ...about } = origin()
    const { workers, sensors, rate } = options
    const title = `${heading}; ${workers} workers, ${rate} readings/s of ${sensors} sensors (a reading each ${(sensors / rate) * 1000} ms), one in ${every} followed`
    const head = [
      'event',
      'standbys',
      'tasks that moved',
      'longest gap of one that stayed, ms',
      'of one that moved, ms',
    ]
    const rows = shown.map(({ event, standbys, moved, stayedGapMs, movedGapMs, duplicates, followed }) => [
      event,
      String(standbys),
      `${moved} of ${tasks.length}`,
      gap(stayedGapMs),
      gap(movedGapMs),
      `${duplicates} of ${followed}`,
    ])
    return {
      text: [title, markdown([...head, 'twice at MQTT'], rows), ...faults].join('\n\n'),
      ...about,
      shown,
      faults,
    }
  } finally {
    await services.stop()
  }
}
