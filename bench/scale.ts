import { decimals, markdown, origin } from './harness/report'
import { startServices } from './harness/services'
import { type Drained, drain, type Setting } from './scale/drain'
import { type DrainCost, drainMicros, fitDrain, fitSteady, type SteadyCost, steadyCores } from './scale/fit'
import { type Pace, type Steady, steady } from './scale/steady'

export interface ScaleOptions {
  readonly readings: number
  /** How long each steady pace is measured. */
  readonly seconds: number
}

/** One thing is changed at a time, around 10 partitions, 2000 keys and one worker. */
const usual: Setting = { partitions: 10, keys: 2000, workers: 1 }
const settings: readonly Setting[] = [
  usual,
  ...[1, 4, 16, 64].map(partitions => ({ ...usual, partitions })),
  ...[10, 1000, 100_000, 1_000_000].map(keys => ({ ...usual, keys })),
  ...[2, 4].map(workers => ({ ...usual, workers })),
]
/** The machine's own speed changes within minutes: few and many partitions take turns. */
const paces: readonly Pace[] = [20_000, 20_000, 5_000].flatMap(pace =>
  [10, 64].map(partitions => ({ partitions, pace })),
)
/** What the fit hasn't seen: it says what they will cost before they run. */
const heldOut = { drain: { partitions: 32, keys: 300_000, workers: 1 }, steady: { partitions: 32, pace: 40_000 } }

/** A figure said before the run, and what the run showed. */
interface Prediction {
  readonly what: string
  readonly said: number
  readonly measured: number
}

const million = (cores: number, { pace }: Steady) => (cores / pace) * 1e6

function drainedTable(points: readonly Drained[]): string {
  const rows = points.map(({ partitions, keys, workers, run, windowsPerReading }) => [
    String(partitions),
    keys.toLocaleString('en-US'),
    String(workers),
    run.void === undefined ? Math.round(run.rate).toLocaleString('en-US') : `void: ${run.void}`,
    Math.round(run.rateFromFirst).toLocaleString('en-US'),
    decimals(run.cpuPerMillion),
    decimals(run.servicesPerMillion.kafka),
    decimals(run.servicesPerMillion.postgres),
    decimals(run.servicesPerMillion.mqtt),
    decimals(run.maxRssMb, 0),
    decimals(windowsPerReading, 3),
  ])
  const head = ['partitions', 'keys', 'workers', 'readings/s', 'from first output', 'CPU-s/M app', 'Kafka', 'Postgres']
  return markdown([...head, 'MQTT', 'max RSS MB', 'windows a reading'], rows)
}

function steadyTable(paced: readonly Steady[]): string {
  const [base] = paced
  const rows = paced.map(each => [
    String(each.partitions),
    each.void === undefined ? Math.round(each.pace).toLocaleString('en-US') : `void: ${each.void}`,
    decimals(each.app, 2),
    decimals(each.ingest, 2),
    decimals(each.all, 2),
    decimals(each.own, 2),
    decimals(million(each.own, each)),
    decimals(million(each.own, each) / million(base!.own, base!), 2),
    decimals(million(each.all, each) / million(base!.all, base!), 2),
  ])
  const head = ['partitions', 'readings/s', 'app', 'services without it', 'all', 'own', 'own, CPU-s/M']
  return markdown([...head, 'own, against the first row', 'all, against the first row'], rows)
}

function predictionTable(predictions: readonly Prediction[]): string {
  const rows = predictions.map(({ what, said, measured }) => [
    what,
    decimals(said, 2),
    decimals(measured, 2),
    `${decimals((said / measured - 1) * 100, 0)} %`,
  ])
  return markdown(['settings that were not fitted', 'predicted', 'measured', 'error'], rows)
}

interface Costs {
  readonly drain: DrainCost | undefined
  readonly app: SteadyCost | undefined
  readonly all: SteadyCost | undefined
}

function costsOf(points: readonly Drained[], paced: readonly Steady[]): Costs {
  const counted = points.filter(({ workers, run }) => workers === 1 && run.void === undefined)
  const kept = paced.filter(each => each.void === undefined)
  return {
    drain: fitDrain(counted.map(({ windowsPerReading, run }) => ({ windowsPerReading, micros: run.cpuPerMillion }))),
    app: fitSteady(kept.map(each => ({ ...each, cores: each.app }))),
    all: fitSteady(kept.map(each => ({ ...each, cores: each.all }))),
  }
}

const costText = ({ drain, app, all }: Costs): string =>
  [
    drain &&
      `Draining: ${decimals(drain.reading, 2)} µs a reading and ${decimals(drain.window, 1)} µs a closed window (application's CPU)`,
    ...([app, all] as const).map(
      (cost, i) =>
        cost &&
        `At a pace, ${i === 0 ? 'application' : 'with the services'}: ${decimals(cost.base, 2)} cores, ${decimals(cost.reading, 2)} µs a reading, ${decimals(cost.partition * 1000, 2)} thousandths of a core a partition`,
    ),
  ]
    .filter(Boolean)
    .join('\n')

/** `npm run bench -- scale`: what a reading costs as partitions, keys and workers grow, and how well that tells what wasn't run. */
export async function scale({ readings, seconds }: ScaleOptions): Promise<unknown> {
  const services = await startServices()
  try {
    const points: Drained[] = []
    for (const setting of settings) points.push(await drain(setting, services, readings))
    // Kafka compiles what many small requests need while the first pace runs: that one isn't counted.
    await steady(paces[0]!, services, seconds)
    const paced: Steady[] = []
    for (const pace of paces) paced.push(await steady(pace, services, seconds))
    const costs = costsOf(points, paced)
    const drained = await drain(heldOut.drain, services, readings)
    const measured = await steady(heldOut.steady, services, seconds)
    const { partitions, pace } = heldOut.steady
    const drainText = `draining ${heldOut.drain.partitions} partitions of ${heldOut.drain.keys} keys: application, CPU-s/M`
    const steadyText = `${pace} readings/s in ${partitions} partitions`
    const predictions: Prediction[] = []
    const count = drained.run.void === undefined && measured.void === undefined
    if (count && costs.drain && costs.app && costs.all)
      predictions.push(
        {
          what: drainText,
          said: drainMicros(costs.drain, drained.windowsPerReading),
          measured: drained.run.cpuPerMillion,
        },
        {
          what: `${steadyText}: application, cores`,
          said: steadyCores(costs.app, measured.pace, partitions),
          measured: measured.app,
        },
        {
          what: `${steadyText}: with the services, cores`,
          said: steadyCores(costs.all, measured.pace, partitions),
          measured: measured.all,
        },
      )
    const { heading, ...about } = origin()
    const text = [
      heading,
      'Draining a loaded topic:',
      drainedTable([...points, drained]),
      'At a steady pace, in cores; *own* is what weir adds, its process and what the services do for it:',
      steadyTable([...paced, measured]),
      costText(costs),
      predictionTable(predictions),
    ].join('\n\n')
    return { text, ...about, points, drained, paced, measured, costs, predictions }
  } finally {
    await services.stop()
  }
}
