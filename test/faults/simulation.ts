import type { LightKafka } from '../../src/light/light-kafka'
import { Checker, type Verdict } from './checker'
import type { Outcome } from './outcome'
import { buildScene, type Scene } from './scene'
import { settle } from './settle'
import type { Point } from './weather/points'
import { letLoose } from './weather/storms'
import { APPLICATION, SOURCE } from './workload'
import { WORLD } from './world/kernel'

/** How long the weather lasts, and how long everything may take afterwards, ms. */
const STORM_MS = 8_000
const MOST_CALM_MS = 180_000
/** The weather goes on until it has struck so often. */
const LEAST_FAULTS = 5
const LOOK_MS = 250
const MOST_EVENTS = 1_000_000

/** Runs one seed from beginning to end; the same seed does the same each time. */
export async function runSeed(seed: number, left?: readonly Point[]): Promise<Outcome> {
  const scene = await buildScene(seed, left)
  if (left === undefined) keepStormy(scene)
  const { crashed, verdict } = await lived(scene)
  const { kernel, weather, kafka, fleet, producer, table, live } = scene
  return {
    seed,
    ...(crashed && { cut: 'crash' }),
    violations: [...fleet.faults, ...verdict.violations],
    compared: verdict.compared,
    records: producer.sent,
    tasks: tasksOf(kafka),
    faults: weather.total,
    kills: fleet.kills,
    generations: generationOf(kafka),
    fenced: table.server.fenced + live.server.fenced,
    carriedOver: fleet.carriedOver,
    ahead: table.server.ahead,
    events: kernel.ran,
    timeMs: kernel.time,
    trace: kernel.trace,
    places: Object.fromEntries(weather.places),
    story: weather.story,
  }
}

/** A world that threw still has its story: only what is compared is missing then. */
async function lived(scene: Scene): Promise<{ crashed?: true; verdict: Verdict }> {
  try {
    await storm(scene)
    return { verdict: await calm(scene) }
  } catch (error) {
    return { crashed: true, verdict: { violations: [`the simulation crashed: ${textOf(error)}`], compared: 0 } }
  }
}

/** What was drawn may be unable to strike, such as a leader's move where there is one node: connections are cut then. */
function keepStormy({ kernel, weather, network }: Scene): void {
  const again = () => {
    if (weather.total >= LEAST_FAULTS) return
    if (network.cutOne(weather.random('more'))) weather.struck('connectionCut')
    kernel.after(LOOK_MS, again, WORLD)
  }
  kernel.after(STORM_MS, again, WORLD)
}

/** Workers and records come, and whatever strikes does. */
async function storm(scene: Scene): Promise<void> {
  const { kernel, weather, knobs, fleet, producer } = scene
  const starts = weather.random('starts')
  fleet.start('w1')
  // Late enough to take tasks over that are at work.
  for (let i = 2; i <= knobs.workers; i++)
    kernel.after(starts.whole(1_000, STORM_MS / 2), () => fleet.start(`w${i}`), WORLD)
  producer.run(knobs.records, STORM_MS * 0.9)
  letLoose(scene)
  const isWorn = () => weather.total >= LEAST_FAULTS && producer.isDone
  await kernel.run(() => kernel.time >= STORM_MS && isWorn(), 3 * STORM_MS, MOST_EVENTS)
  kernel.owner = WORLD
  weather.tell('the weather is over')
  weather.end()
  producer.finish()
  const [first] = fleet.names
  if (generationOf(scene.kafka) < 2 && first !== undefined) fleet.stop(first, false)
}

/** Nothing strikes any more, and nobody helps: everything has to come right by itself, and to stay so. */
async function calm({ kernel, knobs, kafka, fleet, table, live }: Scene): Promise<Verdict> {
  const judge = () => Checker.check({ shape: knobs.shape, kafka, table: table.server, live: live.server })
  let lookAt = kernel.time
  const look = () => {
    if (kernel.time < lookAt) return undefined
    lookAt = kernel.time + LOOK_MS
    if (!isCaughtUp(kafka)) return undefined
    const [first] = fleet.names
    // Whoever was stopped before a first generation has made no second one.
    if (generationOf(kafka) < 2 && first !== undefined) fleet.stop(first, false)
    return generationOf(kafka) < 2 ? undefined : judge()
  }
  // Whoever was taken for dead has noticed by then, and what it had still to write has come.
  const staysMs = knobs.sessionTimeoutMs + 1_000
  return settle(kernel, { look, judge, staysMs, mostMs: MOST_CALM_MS, mostEvents: MOST_EVENTS })
}

/** Whether the group has committed up to the end of the source. */
function isCaughtUp({ cluster: { topics, groups } }: LightKafka): boolean {
  const offsets = groups.get(APPLICATION)?.offsets
  const partitions = topics.get(SOURCE)?.partitions ?? []
  return partitions.every(({ index, log }) => offsets?.get(SOURCE, index)?.offset === log.endOffset)
}

const generationOf = ({ cluster }: LightKafka) => cluster.groups.get(APPLICATION)?.generationId ?? 0

/** Partitions of what is read by tasks. */
function tasksOf({ cluster }: LightKafka): number {
  const read = cluster.topics.all().filter(({ name }) => name === SOURCE || /-(repartition|outbox)$/.test(name))
  return read.reduce((sum, { partitions }) => sum + partitions.length, 0)
}

const textOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))
