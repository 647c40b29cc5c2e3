import { load } from './harness/load'
import { openPages } from './harness/pages'
import { quiet, type Ratio, rateOf, reportOf } from './harness/report'
import { type Run, runOnce } from './harness/run'
import { startServices } from './harness/services'
import { jobContestant } from './harness/weir'

export interface PagesOptions {
  readonly readings: number
  readonly rounds: number
  /** How long a run waits for a quiet machine, s. */
  readonly quietS: number
}

/** Undefined: no dashboard at all. */
const audiences = [
  { name: 'without a dashboard', open: undefined },
  { name: 'a dashboard without a page', open: 0 },
  { name: 'a dashboard with ten pages', open: 10 },
]

/** `npm run bench -- pages`: what those who look on cost the job, which has all of the machine otherwise. */
export async function pages({ readings, rounds, quietS }: PagesOptions): Promise<unknown> {
  const services = await startServices()
  try {
    const own = await load({ topic: 'sensor_data', format: 'weir', readings }, services)
    const runs: Run[] = []
    for (let round = 0; round < rounds; round++)
      for (const { name, open } of round % 2 === 0 ? audiences : [...audiences].reverse()) {
        const id = `${Date.now()}`
        await quiet(quietS)
        const close =
          open === undefined ? undefined : await openPages(services, { pages: open, application: `bench-job-${id}` })
        try {
          runs.push(await runOnce(jobContestant(own, services, { name }), id, services))
        } finally {
          await close?.()
        }
      }
    const [alone = Number.NaN, empty = Number.NaN, watched = Number.NaN] = audiences.map(({ name }) =>
      rateOf(runs, name),
    )
    const ratios: Ratio[] = [
      { what: 'ten pages against none', floor: 0.97, aim: 0.98, value: watched / empty },
      { what: 'a dashboard with ten pages against none at all', floor: 0.9, aim: 0.95, value: watched / alone },
    ]
    return reportOf(runs, ratios)
  } finally {
    await services.stop()
  }
}
