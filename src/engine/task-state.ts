import type { Output, WrittenOffsets } from '../connectors/ledger'
import type { Batch } from '../connectors/source'
import { Journal } from '../state/journal'
import { parseState, stateText } from '../state/state-codec'
import type { Store } from '../state/store'
import { changelogTopic, changes, restore } from './changelog'
import { type SubTopology, timesTopic } from './plan'
import { makeStore } from './stores'
import type { TopicOutputs } from './topic-outputs'

/** The state of one task: its stores and times, what undoes them, and their two ends of the changelog. */
export class TaskState {
  readonly journal = new Journal()
  /** Per changelog: the state holds everything that was committed below this offset. */
  readonly restoredTo = new Map<string, number>()
  readonly stores = new Map<string, Store>()
  /** Topics that its stores are written to. */
  private readonly changelogs: ReadonlySet<string>
  /** Times as the changelog had them, by name. */
  readonly times = new Map<string, unknown>()
  /** Times as they were last written. */
  private written = new Map<string, unknown>()

  constructor(
    readonly plan: SubTopology,
    readonly partition: number,
    readonly application: string,
  ) {
    for (const spec of plan.stores) this.stores.set(spec.name, makeStore(spec, this.journal))
    const logged = plan.stores.filter(({ changelog }) => changelog)
    this.changelogs = new Set(logged.map(({ name }) => changelogTopic(application, name)))
  }

  /** Entries of all stores: about what a restore has to read. */
  get entries(): number {
    let entries = 0
    for (const { name, changelog } of this.plan.stores) if (changelog) entries += this.stores.get(name)!.size
    return entries
  }

  /** Applies a batch of a store's changelog. */
  restoreStore(name: string, batch: Batch): void {
    restore(this.stores.get(name)!, batch)
  }

  /** Applies a batch of the application's times changelog; other tasks' steps don't matter. */
  restoreTimes(batch: Batch): void {
    const { buffer } = batch
    for (let i = 0; i < batch.count; i++) {
      const name = buffer.toString('utf8', batch.keyStart[i]!, batch.keyEnd[i]!)
      const start = batch.valueStart[i]!
      if (start < 0) this.times.delete(name)
      else this.times.set(name, parseState(buffer.toString('utf8', start, batch.valueEnd[i]!)))
    }
  }

  /** Writes one time or decision to the times changelog, with the next commit. */
  writeTime(name: string, value: unknown, timestamp: number, outputs: TopicOutputs): void {
    outputs.add(timesTopic(this.application), this.partition, {
      key: Buffer.from(name),
      value: Buffer.from(stateText(value)),
      timestamp,
    })
  }

  /** What a checkpoint has for the changelogs: changed times into `outputs`, changed entries of the stores as outputs. */
  checkpoint(times: Iterable<readonly [string, unknown]>, timestamp: number, outputs: TopicOutputs): Output[] {
    if (this.plan.stores.length > 0) {
      for (const [name, value] of times) {
        if (this.written.get(name) === value) continue
        this.written.set(name, value)
        this.writeTime(name, value, timestamp, outputs)
      }
    }
    const logged: Output[] = []
    for (const [store, records] of changes(this.journal.cut(), timestamp)) {
      if (!this.plan.stores.some(({ name, changelog }) => name === store.name && changelog)) continue
      logged.push({ topic: changelogTopic(this.application, store.name), partition: this.partition, records })
    }
    return logged
  }

  /** Whether the changelog has a time of that name. */
  isWritten(name: string): boolean {
    return this.times.has(name) || this.written.has(name)
  }

  /** The oldest checkpoint is durable: its changelog records, and all before them, are in this state. */
  seal(written: WrittenOffsets): void {
    this.journal.seal()
    for (const { topic, partition, baseOffset } of written)
      if (partition === this.partition && baseOffset >= 0 && this.changelogs.has(topic))
        this.restoredTo.set(topic, baseOffset)
  }

  rollback(): void {
    this.journal.rollback()
    this.written.clear()
  }
}
