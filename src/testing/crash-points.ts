import type { Topology } from '../dsl/graph'
import { type End, endsOf, type Remains, violations } from './promises'
import type { TestCrashPoint } from './test-crash-point'

/** One crash, and what became of the ends' promises. */
export interface CrashReport {
  readonly point: TestCrashPoint
  /** Which commit of the run it struck, from 1; in a restore: the commit whose crash led to it. */
  readonly commit: number
  /** In a restore: after how many changelogs. */
  readonly restored?: number
  readonly ok: boolean
  /** What each end broke, in words; empty when `ok`. */
  readonly violations: readonly string[]
}

type Closable = Remains & { close(): Promise<void> }

/** A run that can be had again and again: how its driver is made, and what is done with it. */
export interface Trial<Driver extends Closable> {
  readonly topology: Topology
  readonly create: (reached: (point: TestCrashPoint) => void) => Promise<Driver>
  /** Pipes records, moves the clocks. Called once for every crash. */
  readonly run: (driver: Driver) => Promise<unknown>
}

interface Reached {
  readonly point: TestCrashPoint
  readonly commit: number
}

/**
 * Runs the same inputs once without a crash and once for every point at which a worker can crash: before the sinks, after the sinks
 * and after the ledger of each commit, and after each changelog while it restores from that. Compares what the ends hold then:
 *
 * - Kafka topics: the same records in the same order, by partition; the state in the changelogs too
 * - ends with positions (Postgres): the same records in the same order
 * - MQTT: the first occurrences in the same order, repeats allowed, and the same last value by retained address
 *
 * Throws only what the run without a crash throws.
 */
export async function crashPoints<Driver extends Closable>(
  trial: Trial<Driver>,
  atMost = Number.POSITIVE_INFINITY,
): Promise<CrashReport[]> {
  const calm = await runWith(trial, [])
  const commits = calm.reached.at(-1)?.commit ?? 0
  const every = Math.max(1, Math.ceil(commits / atMost))
  const reports: CrashReport[] = []
  for (const [i, { point, commit }] of calm.reached.entries()) {
    if ((commits - commit) % every !== 0) continue
    const attempt = (also: readonly number[]) => tried(trial, [i, ...also], calm.ends)
    const first = await attempt([])
    reports.push(report(point, commit, first.violations))
    // What a restore finds changes with the ledger alone.
    if (point !== 'afterLedger') continue
    const restores = first.reached.slice(i + 1).findIndex(({ point: next }) => next !== 'inRestore')
    const count = restores < 0 ? first.reached.length - i - 1 : restores
    for (let restored = 1; restored <= count; restored++)
      reports.push({ ...report('inRestore', commit, (await attempt([i + restored])).violations), restored })
  }
  return reports
}

const report = (point: TestCrashPoint, commit: number, broken: readonly string[]): CrashReport => ({
  point,
  commit,
  ok: broken.length === 0,
  violations: broken,
})

/** A run that crashes; one that fails where the calm one didn't has broken its promises too. */
async function tried<Driver extends Closable>(
  trial: Trial<Driver>,
  crashAt: readonly number[],
  expected: readonly End[],
): Promise<{ reached: readonly Reached[]; violations: readonly string[] }> {
  const reached: Reached[] = []
  try {
    const { ends } = await runWith(trial, crashAt, reached)
    return { reached, violations: violations(expected, ends) }
  } catch (error) {
    return { reached, violations: [`the run failed: ${error instanceof Error ? error.message : String(error)}`] }
  }
}

/** Runs, and crashes at the points with these numbers, in the order in which they are reached. */
async function runWith<Driver extends Closable>(
  { topology, create, run }: Trial<Driver>,
  crashAt: readonly number[],
  reached: Reached[] = [],
): Promise<{ ends: readonly End[]; reached: readonly Reached[] }> {
  let commit = 0
  const driver = await create(point => {
    if (point === 'beforeSinks') commit++
    reached.push({ point, commit })
    if (crashAt.includes(reached.length - 1)) throw new Error(point)
  })
  try {
    await run(driver)
    return { ends: endsOf(driver, topology), reached }
  } finally {
    await driver.close()
  }
}
