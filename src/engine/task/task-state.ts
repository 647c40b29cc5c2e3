import { keyText, offsetOf, valueText } from '../../connectors/batch'
import type { Output, WrittenOffsets } from '../../connectors/ledger'
import type { Batch } from '../../connectors/source'
import type { StoreSpec } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { changelogTopic, refusedRowsStore, timesTopic } from '../../names'
import { entryOf } from '../../required'
import { Journal, type Segment } from '../../state/journal'
import { KeyValueStore } from '../../state/key-value-store'
import { parseState, stateText } from '../../state/state-codec'
import { isKept, type KeptStore, type LoggedChange, type Store } from '../../state/store'
import type { SubTopology } from '../plan/plan'
import { sourceTables } from '../plan/source-tables'
import { changes, changesNow, restore } from './changelog'
import type { MissingSchema } from './input'
import { SourceTable } from './source-table'
import { makeStore } from './stores'
import type { TaskEnvironment } from './task-environment'
import type { TopicOutputs } from './topic-outputs'
import { UnreadableEntries } from './unreadable-entries'

/** The state of one task: its stores and times, the journal that undoes their changes, and how they are written to the changelog and restored. */
export class TaskState {
  readonly application: string
  readonly journal = new Journal()
  /** Per changelog: the state holds everything that was committed below this offset. */
  readonly restoredTo = new Map<string, number>()
  readonly stores = new Map<string, Store>()
  /** Those that have a copy on disk. */
  readonly kept: readonly KeptStore[]
  /** Tables that are restored from their source topics, by topic. */
  private readonly sourceTables = new Map<string, SourceTable>()
  private readonly refusedRowStores: readonly string[]
  /** Topics that its stores are written to. */
  private readonly changelogs: ReadonlySet<string>
  /** Times as the changelog had them, by name. */
  readonly times = new Map<string, unknown>()
  /** What others have written to the changelogs. */
  readonly unreadable = new UnreadableEntries()
  /** Times as they were last written. */
  private written = new Map<string, unknown>()

  constructor(
    readonly plan: SubTopology,
    readonly partition: number,
    environment: Pick<TaskEnvironment, 'application' | 'codecs' | 'maxFutureMs' | 'localState'>,
  ) {
    const { application, localState } = environment
    this.application = application
    const openCopy = (spec: StoreSpec) => {
      if (localState === undefined)
        throw new TopologyError(`store ${spec.name}: there is no folder for stores on disk here`)
      return localState.open(spec, partition)
    }
    for (const spec of plan.stores) this.stores.set(spec.name, makeStore(spec, this.journal, openCopy))
    this.kept = [...this.stores.values()].filter(isKept)
    for (const { name, position } of this.kept)
      if (position > 0) this.restoredTo.set(changelogTopic(application, name), position)
    for (const table of sourceTables(plan)) {
      const { store, source } = table
      this.stores.set(refusedRowsStore(store), new KeyValueStore(refusedRowsStore(store), this.journal))
      const target = this.stores.get(store) as KeyValueStore
      this.sourceTables.set(source.spec.topic, new SourceTable(table, partition, target, environment))
    }
    this.refusedRowStores = sourceTables(plan).map(({ store }) => refusedRowsStore(store))
    const logged = plan.stores.filter(({ changelog }) => changelog)
    this.changelogs = new Set(logged.map(({ name }) => changelogTopic(application, name)))
  }

  /** Entries of all stores: about what a restore has to read. */
  get entries(): number {
    let entries = 0
    for (const { name, changelog } of this.plan.stores) if (changelog) entries += entryOf(this.stores, name).size
    return entries
  }

  /** Applies a batch of a store's changelog; to a store on disk that takes a while. */
  restoreStore(name: string, batch: Batch): Promise<void> | undefined {
    return restore(entryOf(this.stores, name), batch, this.unreadable)
  }

  /** Applies a batch of a source topic to its table; or gives the schema that has to be loaded first. */
  restoreSource(topic: string, batch: Batch): MissingSchema | undefined {
    return entryOf(this.sourceTables, topic).apply(batch)
  }

  /**
   * A record of a table's source topic was refused, so that the row of its key is not what the topic says: the row as it is becomes
   * part of the state, until the key's next record.
   */
  keepRefusedRow(topic: string, key: unknown): void {
    for (const { source, store } of sourceTables(this.plan))
      if (source.spec.topic === topic)
        this.refusedRows(store).put(key, { row: (this.stores.get(store) as KeyValueStore).get(key) ?? null })
  }

  /** Ends a restore: rows whose last record was refused are what they were. */
  restoreRefusedRows(): void {
    for (const { store } of sourceTables(this.plan))
      for (const { key, value } of this.refusedRows(store).all())
        (this.stores.get(store) as KeyValueStore).restore(key, value.row ?? undefined)
  }

  private refusedRows(store: string): KeyValueStore {
    return this.stores.get(refusedRowsStore(store)) as KeyValueStore
  }

  /** Applies a batch of the application's times changelog; other tasks' steps don't matter. */
  restoreTimes(batch: Batch): void {
    for (let i = 0; i < batch.count; i++) {
      const name = keyText(batch, i) ?? ''
      const text = valueText(batch, i)
      this.unreadable.reading(batch.topic, batch.partition, offsetOf(batch, i), name, () =>
        this.restoreTime(name, text === undefined ? undefined : parseState(text)),
      )
    }
  }

  private restoreTime(name: string, value: unknown): void {
    const store = this.refusedRowStores.find(each => name.startsWith(`${each} `))
    if (store !== undefined)
      (this.stores.get(store) as KeyValueStore).restore(parseState(name.slice(store.length + 1)), value)
    else if (value === undefined) this.times.delete(name)
    else this.times.set(name, value)
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
  checkpoint(
    times: Iterable<readonly [string, unknown]>,
    timestamp: number,
    outputs: TopicOutputs,
  ): { segment: Segment; logged: Output[] } {
    for (const [name, value] of times) {
      if (this.written.get(name) === value) continue
      this.written.set(name, value)
      this.writeTime(name, value, timestamp, outputs)
    }
    const segment = this.journal.cut()
    const logged: Output[] = []
    const changed = changes(segment, timestamp)
    for (const store of this.kept) store.cut(changed.get(store) ?? [])
    for (const [store, records] of changed) {
      const { application, partition } = this
      const topic = changelogTopic(application, store.name)
      if (this.changelogs.has(topic)) logged.push({ topic, partition, records })
      else if (this.refusedRowStores.includes(store.name))
        for (const { key, ...rest } of records)
          outputs.add(timesTopic(application), partition, { key: Buffer.from(`${store.name} ${key}`), ...rest })
    }
    return { segment, logged }
  }

  /** Why a changelog doesn't take an entry as the record in hand has left it, as far as `refusalOf` knows. */
  refusedChange(refusalOf: (changelog: string, entry: LoggedChange) => Error | undefined): Error | undefined {
    for (const { store, entry } of changesNow(this.journal)) {
      const topic = changelogTopic(this.application, store)
      const refusal = this.changelogs.has(topic) ? refusalOf(topic, entry) : undefined
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  /** Whether the changelog has a time of that name. */
  isWritten(name: string): boolean {
    return this.times.has(name) || this.written.has(name)
  }

  /**
   * The oldest checkpoint is durable: its changelog records, and all before them, are in this state. Resolves when they are on the disk
   * too, for the stores that are there.
   */
  async seal(segment: Segment, written: WrittenOffsets): Promise<void> {
    if (!this.journal.seal(segment)) return
    const from = new Map<string, number>()
    for (const { topic, partition, baseOffset } of written)
      if (partition === this.partition && baseOffset >= 0 && this.changelogs.has(topic)) from.set(topic, baseOffset)
    for (const [topic, offset] of from) this.restoredTo.set(topic, offset)
    await Promise.all(this.kept.map(store => store.seal(from.get(changelogTopic(this.application, store.name)))))
  }

  /** Whether the stores on disk are this state's: none was taken over by another worker of this machine, or couldn't be written to. */
  get isOwner(): boolean {
    return this.kept.every(({ isOurs }) => isOurs)
  }

  /** Notes in the copies on disk that they lack nothing as of now. */
  async touch(): Promise<void> {
    await Promise.all(this.kept.map(store => store.touch()))
  }

  /** Gives up the state: any process on this machine may take over its copies on disk. */
  async release(): Promise<void> {
    await Promise.all(this.kept.map(store => store.release()))
  }

  rollback(): void {
    this.journal.rollback()
    for (const store of this.kept) store.rolledBack()
    this.written.clear()
  }
}
