import { type Load, load } from './harness/load'
import { type Ratio, rateOf, reportOf } from './harness/report'
import { type Run, runOnce } from './harness/run'
import { type Services, startServices } from './harness/services'
import { jobContestant } from './harness/weir'

export interface GuaranteeOptions {
  readonly readings: number
  readonly rounds: number
}

const guarantees = ['exactly_once', 'at_least_once']
/** How often work is committed, ms: the price of exactly once is paid a commit. */
const intervals = [100, 200, 1000]

const contestantsOf = (own: Load, services: Services) =>
  intervals.flatMap(interval =>
    guarantees.map(guarantee => ({
      interval,
      guarantee,
      contestant: jobContestant(own, services, {
        name: `${guarantee}, commit interval ${interval} ms`,
        environment: { PROCESSING_GUARANTEE: guarantee, COMMIT_INTERVAL_MS: String(interval) },
      }),
    })),
  )

/** `npm run bench -- guarantee`: what exactly once costs, at several commit intervals. */
export async function guarantee({ readings, rounds }: GuaranteeOptions): Promise<unknown> {
  const services = await startServices()
  try {
    const own = await load({ topic: 'sensor_data', format: 'weir', readings }, services)
    const contestants = contestantsOf(own, services)
    const runs: Run[] = []
    for (let round = 0; round < rounds; round++)
      for (const { contestant } of round % 2 === 0 ? contestants : [...contestants].reverse())
        runs.push(await runOnce(contestant, `${Date.now()}`, services))
    const rateAt = (interval: number, wanted: string) =>
      rateOf(runs, contestants.find(each => each.interval === interval && each.guarantee === wanted)!.contestant.name)
    const ratios: Ratio[] = intervals.map(interval => ({
      what: `exactly once against at least once, ${interval} ms`,
      floor: 0.85,
      aim: 0.95,
      value: rateAt(interval, 'exactly_once') / rateAt(interval, 'at_least_once'),
    }))
    return reportOf(runs, ratios)
  } finally {
    await services.stop()
  }
}
