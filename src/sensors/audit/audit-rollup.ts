import { partitionOf } from '../../connectors/kafka'
import { entryOf, itemAt } from '../../required'
import { butForRounding, compareWindows, type Difference, sumOf } from './compare'
import { type Recomputed, type Window, windowKey } from './oracle'
import { tableWindows, topicWindows } from './read-rollups'
import type { AuditEnds, RunStart } from './run-start'
import type { Job, RollupSpec } from './sensors-job'
import { storedState, storedWindows } from './store-state'
import type { UnorderedWindows } from './unordered-windows'

export interface RollupAudit {
  readonly name: string
  /** Closed windows that there must be. */
  readonly expected: number
  /** Readings that came after their window had closed. */
  readonly late: number
  readonly inKafka: Difference
  readonly inPostgres: Difference
  /** Windows that are still open, and what the engine's store has of them. */
  readonly open: number
  readonly inStore: Difference
}

/** Where each partition of a topic ends. */
export type Until = (topic: string) => readonly number[]

/** What the recomputation says: of most partitions exactly, of the others without their readings' order. */
export interface Expectation {
  readonly exact: ReadonlyMap<number, Recomputed>
  readonly unordered: UnorderedWindows
}

/** Compares one rollup, partition by partition. */
class RollupComparison {
  /** The windows that Postgres has to have. */
  readonly closed = new Map<string, Window>()
  readonly inKafka: Difference[] = []
  readonly inStore: Difference[] = []
  late = 0
  open = 0

  constructor(
    private readonly ends: AuditEnds,
    private readonly job: Job,
    private readonly rollup: RollupSpec,
    private readonly start: RunStart,
    private readonly until: Until,
  ) {}

  async exact(partition: number, { bySize, timeMs }: Recomputed): Promise<void> {
    const { closed, open, late } = entryOf(bySize, this.rollup.sizeMs)
    for (const [key, window] of closed) this.closed.set(key, window)
    this.late += late
    this.open += open.size
    this.inKafka.push(compareWindows(closed, await this.fromKafka(partition)))
    // The store keeps closed windows for a while.
    const stillOpen = (await this.fromStore(partition)).filter(({ end }) => end > timeMs - this.job.graceMs)
    this.inStore.push(compareWindows(open, stillOpen))
  }

  /** Where the order isn't known, the time isn't either: what the store has as open is open. */
  async unordered(partition: number, expected: ReadonlyMap<string, Window>): Promise<void> {
    const inKafka = await this.fromKafka(partition)
    const state = await storedState(this.ends.cluster, this.job, partition, topic =>
      itemAt(this.until(topic), partition),
    )
    const inStore = entryOf(state.open, this.rollup.sizeMs)
    for (const window of inKafka) this.closed.set(windowKey(window), window)
    const stillOpen = new Set(inStore.map(windowKey))
    const open = new Map([...expected].filter(([key]) => stillOpen.has(key)))
    const closed = new Map([...expected].filter(([key]) => !stillOpen.has(key)))
    this.open += open.size
    this.inKafka.push(compareWindows(closed, inKafka, butForRounding))
    this.inStore.push(compareWindows(open, inStore, butForRounding))
  }

  /** Rows of windows that had closed before the run are of earlier ones. */
  async inPostgres(partitions: readonly number[]): Promise<Difference> {
    const closedBefore = (partition: number) => itemAt(this.start.beginnings, partition).timeMs - this.job.graceMs
    const earliest = Math.min(...partitions.map(closedBefore))
    const rows = (await tableWindows(this.ends, this.rollup, Math.max(0, earliest))).filter(window => {
      const partition = partitionOf(String(window.sensor), this.start.partitions)
      return this.closed.has(windowKey(window)) || window.end > closedBefore(partition)
    })
    return compareWindows(this.closed, rows)
  }

  private fromKafka(partition: number): Promise<Window[]> {
    const { topic } = this.rollup
    return topicWindows(
      this.ends,
      this.rollup,
      partition,
      itemAt(entryOf(this.start.ends, topic), partition),
      itemAt(this.until(topic), partition),
    )
  }

  private fromStore(partition: number): Promise<Window[]> {
    return storedWindows(
      this.ends.cluster,
      this.rollup,
      partition,
      itemAt(this.until(this.rollup.changelog), partition),
    )
  }
}

/** One rollup: what the log says against Kafka, Postgres and the store. */
export async function auditRollup(
  ends: AuditEnds,
  job: Job,
  rollup: RollupSpec,
  start: RunStart,
  { exact, unordered }: Expectation,
  until: Until,
): Promise<RollupAudit> {
  const comparison = new RollupComparison(ends, job, rollup, start, until)
  for (const [partition, recomputed] of exact) await comparison.exact(partition, recomputed)
  for (const partition of unordered.partitions)
    await comparison.unordered(partition, unordered.of(partition, rollup.sizeMs))
  const inPostgres = await comparison.inPostgres([...exact.keys(), ...unordered.partitions])
  const { closed, late, open, inKafka, inStore } = comparison
  return {
    name: rollup.name,
    expected: closed.size,
    late,
    open,
    inKafka: sumOf(inKafka),
    inStore: sumOf(inStore),
    inPostgres,
  }
}
