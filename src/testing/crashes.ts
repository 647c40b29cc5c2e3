import type { Topology } from '../dsl/graph'
import { type CrashReport, crashPoints, type Run } from './crash-points'
import { type TestDriverOptions, TopologyTestDriver } from './test-driver'

export type { CrashReport, Run } from './crash-points'

export interface CrashesOptions extends Omit<TestDriverOptions, 'reached'> {
  /** Most commits to crash in, spread evenly over the run; all unless given. */
  readonly atMost?: number
}

/** `driver.crashes()` for a run that is told as a function: every point of it at which a worker can crash. See crashPoints(). */
export function crashes(topology: Topology, run: Run, options: CrashesOptions = {}): Promise<CrashReport[]> {
  const { atMost, ...driverOptions } = options
  const create: Parameters<typeof crashPoints>[0]['create'] = reached =>
    TopologyTestDriver.create(topology, { ...driverOptions, reached })
  return crashPoints({ topology, create, run }, atMost)
}
