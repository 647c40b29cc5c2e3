import { setTimeout as sleep } from 'node:timers/promises'
import { partitionOf, partitionRange, readPartition } from '../../../../src/connectors/kafka'
import { entryOf, itemAt } from '../../../../src/required'
import { faultsOf } from '../../../../src/sensors/audit/compare'
import { compareRows } from '../../../../src/sensors/audit/compare-rows'
import {
  type Beginning,
  type IdleDecision,
  nothingYet,
  recompute,
  type Window,
  windowKey,
} from '../../../../src/sensors/audit/oracle'
import { readLog } from '../../../../src/sensors/audit/read-log'
import { tableWindows, topicWindows } from '../../../../src/sensors/audit/read-rollups'
import type { ReadingLog } from '../../../../src/sensors/audit/reading-log'
import { type AuditEnds, committedOffsets } from '../../../../src/sensors/audit/run-start'
import { sensorsJob as job, type RollupSpec } from '../../../../src/sensors/audit/sensors-job'
import { idleDecisions } from '../../../../src/sensors/audit/store-state'
import { LettersCheck, type Origin, originOf } from './letters-check'
import { wholeTableFaults } from './whole-tables'
import { WindowsCheck } from './windows-check'

/** What one look has found. */
export interface Found {
  readonly readings: number
  readonly windows: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly wrong: readonly string[]
  /** What of the source's log it has looked at. */
  readonly logs: readonly ReadingLog[]
}

/** Where a look begins. */
interface Place {
  /** In the source, by partition. */
  readonly at: number[]
  readonly beginnings: Beginning[]
  /** In the other topics. */
  readonly cursors: Map<string, number>
  /** Decisions of the idle clock beyond what was recomputed. */
  readonly decisions: IdleDecision[][]
  /** Number of readings that the source has had so far, by partition. */
  readonly readings: number[]
}

interface Read {
  readonly logs: readonly ReadingLog[]
  readonly expected: ReadonlyMap<RollupSpec, ReadonlyMap<string, Window>>
  readonly found: ReadonlyMap<RollupSpec, readonly Window[]>
}

/** What Postgres has to hold soon after the topic that its rows come by does, ms. */
const tableLimitMs = 30_000

/**
 * Recomputes what a running topology has to have made, from the source's log, as far as the group has committed; and holds against it what is
 * in the topics and tables. Nobody has to stop: a commit's outputs and its offsets are one transaction, so what belongs to the offsets is there.
 */
export class Follower {
  readonly checks = new Map<RollupSpec, WindowsCheck>(job.rollups.map(each => [each, new WindowsCheck(each.name)]))
  private readonly letters = new LettersCheck()
  /** All windows that have closed. A look that is repeated finds the same. */
  private readonly closed = this.perRollup<Map<string, Window>>(() => new Map())
  private place: Place

  constructor(
    private readonly ends: AuditEnds,
    private readonly partitions: number,
  ) {
    this.place = {
      at: new Array<number>(partitions).fill(0),
      beginnings: new Array<Beginning>(partitions).fill(nothingYet),
      cursors: new Map(),
      decisions: Array.from({ length: partitions }, () => []),
      readings: new Array<number>(partitions).fill(0),
    }
  }

  /**
   * Looks at everything that has been committed since the last look. `isEnd`: nothing moves any more, and nothing may be left over.
   * Where a service does not answer it throws, and the next look begins where this one did.
   */
  async look(isEnd = false): Promise<Found> {
    const before = structuredClone(this.place)
    try {
      const { logs, expected, found } = await this.read()
      const faults = [...(await this.tables(found)), ...(await this.rows(logs))]
      const letters = await this.deadLetters()
      for (const [rollup, windows] of expected)
        for (const [key, window] of windows) entryOf(this.closed, rollup).set(key, window)
      if (isEnd) faults.push(...(await wholeTableFaults(this.ends, job.table, this.place.readings, this.closed)))
      // From here on nothing throws: these remember what they were told.
      const bad = logs.flatMap(({ partition, dead }) => dead.map(offset => ({ partition, offset })))
      faults.push(...this.letters.round(bad, letters, this.place.at, isEnd))
      for (const rollup of job.rollups)
        entryOf(this.checks, rollup).round(entryOf(expected, rollup), entryOf(found, rollup))
      return this.found(logs, expected, [...faults, ...(isEnd ? this.leftOver() : [])])
    } catch (error) {
      this.place = before
      throw error
    }
  }

  /** The source, what must have become of it, and what has become of it in the topics. */
  private async read(): Promise<Read> {
    const to = await committedOffsets(this.ends.cluster, job.application, job.topic, this.partitions)
    const [expected, found] = [this.perRollup<Map<string, Window>>(() => new Map()), this.perRollup<Window[]>(() => [])]
    const one = async (committed: number, partition: number) => {
      const log = await this.log(partition, Math.max(0, committed))
      await this.recompute(partition, log, expected)
      for (const rollup of job.rollups) {
        const { from, to } = await this.advance(rollup.topic, partition)
        const windows = await topicWindows(this.ends, rollup, partition, from, to)
        for (const window of windows) entryOf(found, rollup).push(window)
      }
      return log
    }
    return { logs: await allOver(to.map(one)), expected, found }
  }

  /** What a partition of the source has got since the last look, up to `end`. */
  private async log(partition: number, end: number): Promise<ReadingLog> {
    const from = itemAt(this.place.at, partition)
    if (end < from) throw new Error(`partition ${partition}: the committed offset went back from ${from} to ${end}`)
    const log = await readLog(this.ends, job.topic, partition, from, end)
    this.place.at[partition] = end
    this.place.readings[partition] = itemAt(this.place.readings, partition) + log.count
    return log
  }

  private async recompute(partition: number, log: ReadingLog, expected: Map<RollupSpec, Map<string, Window>>) {
    const times = await this.advance(job.times, partition)
    const pending = itemAt(this.place.decisions, partition)
    pending.push(...(await idleDecisions(this.ends.cluster, job, partition, times.from, times.to)))
    const due = pending.filter(({ offset }) => offset <= log.to)
    this.place.decisions[partition] = pending.filter(({ offset }) => offset > log.to)
    const belongs = (sensor: number) => partitionOf(String(sensor), this.partitions) === partition
    const sizesMs = job.rollups.map(({ sizeMs }) => sizeMs)
    const { graceMs } = job
    const { bySize, timeMs } = recompute(
      log,
      due,
      { sizesMs, graceMs, belongs },
      itemAt(this.place.beginnings, partition),
    )
    const open = new Map<number, readonly Window[]>()
    for (const rollup of job.rollups) {
      const { closed, open: still } = entryOf(bySize, rollup.sizeMs)
      for (const [key, window] of closed) entryOf(expected, rollup).set(key, window)
      open.set(rollup.sizeMs, [...still.values()])
    }
    this.place.beginnings[partition] = { timeMs, open }
  }

  /** What a topic's partition has got since the last look; what is read waits for transactions that are open below the end. */
  private async advance(topic: string, partition: number): Promise<{ from: number; to: number }> {
    const { highWatermark } = await partitionRange({ cluster: this.ends.cluster }, { topic, partition })
    const name = `${topic}-${partition}`
    const from = this.place.cursors.get(name) ?? 0
    this.place.cursors.set(name, highWatermark)
    return { from, to: highWatermark }
  }

  /** The raw rows of the stretches that were looked at. */
  private async rows(logs: readonly ReadingLog[]): Promise<string[]> {
    const some = logs.filter(({ from, to }) => from < to)
    if (some.length === 0) return []
    const comparisons = await compareRows(this.ends, job, some)
    return comparisons.flatMap(each => faultsOf('raw rows', each.end()))
  }

  /** The tables have the windows that were found in the topics, as they are there. Those that they have beyond may be newer: the last look sees. */
  private async tables(found: ReadonlyMap<RollupSpec, readonly Window[]>): Promise<string[]> {
    const faults: string[] = []
    for (const rollup of job.rollups) {
      const windows = entryOf(found, rollup)
      if (windows.length === 0) continue
      const earliest = Math.min(...windows.map(({ end }) => end)) - 1
      const deadline = performance.now() + tableLimitMs
      for (;;) {
        const rows = new Map((await tableWindows(this.ends, rollup, earliest)).map(row => [windowKey(row), row]))
        const lacking = windows.filter(window => !isSame(rows.get(windowKey(window)), window))
        if (lacking.length === 0) break
        if (performance.now() > deadline) {
          faults.push(`table ${rollup.table}: ${lacking.length} missing or unequal, as ${JSON.stringify(lacking[0])}`)
          break
        }
        await sleep(200)
      }
    }
    return faults
  }

  /** The records that the dead letters since the last look are of; undefined for a letter that names none. */
  private async deadLetters(): Promise<(Origin | undefined)[]> {
    const origins: (Origin | undefined)[] = []
    const read = async (_: unknown, partition: number) => {
      const { from, to } = await this.advance(job.deadLetters, partition)
      const at = { topic: job.deadLetters, partition }
      if (from < to)
        for await (const batch of readPartition({ cluster: this.ends.cluster }, at, from, to))
          for (let i = 0; i < batch.count; i++) origins.push(originOf(batch.headers(i), job.topic))
    }
    await allOver(this.place.at.map(read))
    return origins
  }

  private leftOver(): string[] {
    return [...this.checks].flatMap(([{ name }, { ahead }]) =>
      ahead.size === 0 ? [] : [`${name}: ${ahead.size} extra, as ${JSON.stringify([...ahead.values()][0])}`],
    )
  }

  private perRollup<T>(make: () => T): Map<RollupSpec, T> {
    return new Map(job.rollups.map(rollup => [rollup, make()]))
  }

  private found(
    logs: readonly ReadingLog[],
    expected: ReadonlyMap<RollupSpec, ReadonlyMap<string, Window>>,
    faults: readonly string[],
  ): Found {
    const of = (kind: 'lost' | 'twice' | 'unequal') =>
      [...this.checks.values()].flatMap(check => {
        const { count, examples } = check[kind]
        return count === 0 ? [] : [`${count} ${kind}, as ${examples.join('; ')}`]
      })
    const isLost = (text: string) => /missing/.test(text)
    const isDoubled = (text: string) => /twice|extra/.test(text)
    return {
      readings: logs.reduce((sum, { count }) => sum + count, 0),
      windows: [...expected.values()].reduce((sum, { size }) => sum + size, 0),
      lost: [...of('lost'), ...faults.filter(isLost)],
      doubled: [...of('twice'), ...faults.filter(each => isDoubled(each) && !isLost(each))],
      wrong: [...of('unequal'), ...faults.filter(each => !isLost(each) && !isDoubled(each))],
      logs,
    }
  }
}

const isSame = (row: Window | undefined, window: Window) =>
  row !== undefined &&
  (['end', 'count', 'sum', 'min', 'max', 'mean'] as const).every(figure => Object.is(row[figure], window[figure]))

/** As Promise.all, but when it rejects nothing is under way any more: a look may begin anew. */
async function allOver<T>(work: readonly Promise<T>[]): Promise<T[]> {
  return (await Promise.allSettled(work)).map(each => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}
