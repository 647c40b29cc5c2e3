import type { Topology } from '../dsl/graph'
import { type CrashReport, crashPoints } from './crash-points'
import { keptPromises } from './kept-promises'
import { type TestDriverOptions, TopologyTestDriver } from './test-driver'

export type { CrashReport } from './crash-points'

/** What a run does with a driver: pipes records, moves the clocks. It is called once for every crash. */
export type Run = (driver: TopologyTestDriver) => Promise<unknown>

export interface CrashesOptions extends Omit<TestDriverOptions, 'reached'> {
  /** Most commits to crash in, spread evenly over the run; all unless given. */
  readonly atMost?: number
}

/**
 * `driver.crashes()` for a run that is told as a function: every point of it at which a worker can crash. See crashPoints(). Rejects with
 * CrashesError, as that does.
 */
export async function crashes(topology: Topology, run: Run, options: CrashesOptions = {}): Promise<CrashReport[]> {
  return keptPromises(await crashReports(topology, run, options))
}

/** The same for who looks at the reports: it rejects with what the run without a crash throws alone. */
export function crashReports(topology: Topology, run: Run, options: CrashesOptions = {}): Promise<CrashReport[]> {
  const { atMost, ...driverOptions } = options
  const create = (reached: NonNullable<TestDriverOptions['reached']>) =>
    TopologyTestDriver.create(topology, { ...driverOptions, reached })
  return crashPoints({ topology, create, run }, atMost)
}
