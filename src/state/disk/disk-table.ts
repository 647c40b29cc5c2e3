import { FencedError } from '../../errors'
import { required } from '../../required'
import type { Journal } from '../journal'
import { SortedList } from '../sorted-list'
import { areNumbers, decodeState, parseState } from '../state-codec'
import type { Change, KeptStore, LoggedChange } from '../store'
import { CleanCache } from './clean-cache'
import type { Form, TimeOrder } from './form'
import type { Changes, LocalCopy } from './local-copy'
import { merged } from './merged'

/** An entry, or that there is none, and the journal's segment that wrote it. */
interface Held<E> {
  readonly entry: E | undefined
  readonly epoch: number
}

/** Written to the changelog, and to be written to the disk once that is committed. */
interface Cut {
  readonly epoch: number
  readonly records: readonly LoggedChange[]
}

const afterAll = '\xff'.repeat(16)
const absent: Held<never> = Object.freeze({ entry: undefined, epoch: -1 })

/**
 * Entries on disk under those that have changed since: in memory are the changes that aren't sealed, or sealed and not yet
 * written, and a bounded number of entries that were used last. Only these are undone; the disk never sees what isn't sealed.
 */
export class DiskTable<E> implements KeptStore {
  private readonly changed = new Map<string, Held<E>>()
  private readonly clean: CleanCache<Held<E>>
  /** The changed keys in order, and by time; kept once they were asked for. */
  private byKey: SortedList<string> | undefined
  private byTime: SortedList<string> | undefined
  private readonly cuts: Cut[] = []
  private writtenEpoch = -1
  private loading: Promise<void> = Promise.resolve()
  private hasFailed = false
  private count: number
  /** No entry is before this time key; where `isFirst`, one is there. */
  private first = ''
  private isFirst = false

  constructor(
    readonly name: string,
    protected readonly journal: Journal,
    private readonly copy: LocalCopy,
    private readonly form: Form<E>,
  ) {
    this.clean = new CleanCache(copy.cacheEntries)
    this.count = copy.size
  }

  get size(): number {
    return this.count
  }

  get bytes(): number {
    return this.copy.bytes
  }

  get position(): number {
    return this.copy.position
  }

  get isOurs(): boolean {
    return this.copy.isOurs && !this.hasFailed
  }

  get emptied(): string | undefined {
    return this.copy.emptied
  }

  protected entryAt(at: string): E | undefined {
    return (this.changed.get(at) ?? this.cleanAt(at)).entry
  }

  /** Replaces an entry; undefined deletes it. */
  protected replace(at: string, entry: E | undefined): void {
    if (entry === undefined && this.entryAt(at) === undefined) return
    this.journal.log(this, at, this.changed.get(at))
    this.hold(at, { entry, epoch: this.journal.epoch })
  }

  undo(at: string, previous: Held<E> | undefined): void {
    if (previous !== undefined) this.hold(at, previous)
    else this.uncover(at)
  }

  /** Entries with `from <= key <= to`, in order: those that are there at the start and still there when their turn comes. */
  protected *between(from: string, to: string): Generator<E> {
    this.byKey ??= sorted([...this.changed.keys()])
    const fresh = this.byKey.takeFrom(from, at => at <= to)
    const kept = this.copy.entries(from, to, (at, value, start) => ({ at, entry: this.read(at, value, start) }))
    let next = 0
    for (const { at, entry } of kept) {
      for (let due = fresh[next]; due !== undefined && due < at; due = fresh[++next]) yield* this.present(due)
      if (fresh[next] === at) next++
      const held = this.changed.get(at)
      if (held === undefined) yield entry
      else if (held.entry !== undefined) yield held.entry
    }
    for (const due of fresh.slice(next)) yield* this.present(due)
  }

  /** Entries with `from <= time key <= to`, in the order of their time keys. */
  protected *betweenTimes(from: string, to: string): Generator<E> {
    const { times } = this
    for (const timeKey of this.timeKeys(from, to)) yield* this.present(times.at(timeKey))
  }

  /** The smallest time key from `from` on that an entry has. */
  protected firstTimeKey(from: string): string | undefined {
    if (!this.isFirst && this.first !== afterAll) {
      const found = this.search(this.first)
      this.first = found ?? afterAll
      this.isFirst = found !== undefined
    }
    if (!this.isFirst) return undefined
    return this.first >= from ? this.first : this.search(from)
  }

  change(at: string): Change {
    const entry = this.entryAt(at)
    return { key: this.form.keyOf(at), value: entry && this.form.value(entry) }
  }

  calledInMemory(at: string): unknown {
    return this.form.called(at)
  }

  before(at: string, previous: Held<E> | undefined): E | undefined {
    return (previous ?? this.cleanAt(at)).entry
  }

  cut(records: readonly LoggedChange[]): void {
    this.cuts.push({ epoch: this.journal.epoch - 1, records })
  }

  async seal(baseOffset: number | undefined): Promise<void> {
    const { epoch, records } = required(this.cuts.shift(), `what ${this.name} has to seal`)
    if (records.length === 0) return
    const changes = this.changesOf(records)
    await this.write(changes, baseOffset === undefined ? undefined : baseOffset + records.length)
    this.writtenEpoch = epoch
    for (const at of changes.keys()) {
      const held = this.changed.get(at)
      if (held === undefined || held.epoch > epoch) continue
      this.drop(at)
      this.clean.set(at, held)
    }
  }

  rolledBack(): void {
    this.cuts.length = 0
    for (const [at, { epoch }] of this.changed) if (epoch <= this.writtenEpoch) this.drop(at)
  }

  release(): Promise<void> {
    return this.copy.release()
  }

  touch(): Promise<void> {
    return this.copy.touch()
  }

  load(entries: Changes, position: number): Promise<void> {
    this.loading = this.loadNow(entries, position)
    // Who waits for it is told.
    this.loading.catch(() => undefined)
    return this.loading
  }

  settled(): Promise<void> {
    return this.loading
  }

  placeOf(key: unknown, value: Buffer | null): string {
    const at = this.form.at(key)
    if (value !== null && !areNumbers(value)) this.read(at, value, 0)
    return at
  }

  private async loadNow(entries: Changes, position: number): Promise<void> {
    await this.write(entries, position, true)
    this.clean.clear()
    this.forgetFirst()
    this.count = this.copy.size
  }

  clear(): void {
    this.copy.clear()
    this.changed.clear()
    this.clean.clear()
    this.byKey = this.byTime = undefined
    this.cuts.length = 0
    this.forgetFirst()
    this.count = 0
  }

  private async write(changes: Changes, position: number | undefined, mostlyNew = false): Promise<void> {
    const isWritten = await this.copy.write(changes, position, mostlyNew).catch(error => {
      this.hasFailed = true
      throw error
    })
    if (!isWritten) throw new FencedError(`store ${this.name}: another worker has taken its copy on this machine over`)
  }

  private changesOf(records: Iterable<LoggedChange>): Map<string, Buffer | null> {
    const changes = new Map<string, Buffer | null>()
    for (const { key, value } of records) changes.set(this.form.at(parseState(key.toString())), value)
    return changes
  }

  private cleanAt(at: string): Held<E> {
    const known = this.clean.get(at)
    if (known !== undefined) return known
    const entry = this.copy.get(at, (_, value, start) => this.read(at, value, start))
    const held = entry === undefined ? absent : { entry, epoch: -1 }
    this.clean.set(at, held)
    return held
  }

  private read(at: string, value: Buffer, start: number): E {
    return this.form.entry(at, decodeState(value, start, value.length))
  }

  private *present(at: string): Generator<E> {
    const entry = this.entryAt(at)
    if (entry !== undefined) yield entry
  }

  private hold(at: string, held: Held<E>): void {
    this.recount(this.entryAt(at), held.entry, at)
    if (!this.changed.has(at)) {
      this.byKey?.add(at)
      this.byTime?.add(this.times.timeKey(at))
    }
    this.changed.set(at, held)
    this.clean.delete(at)
  }

  /** Back to what the disk has, which was read before the entry was changed. */
  private uncover(at: string): void {
    // Of a damaged copy nothing is read, and nothing of this store is used any more.
    const isRead = this.copy.damage === undefined
    const before = isRead ? this.entryAt(at) : undefined
    this.drop(at)
    if (isRead) this.recount(before, this.entryAt(at), at)
  }

  private drop(at: string): void {
    if (!this.changed.delete(at)) return
    this.byKey?.delete(at)
    this.byTime?.delete(this.times.timeKey(at))
  }

  private recount(before: E | undefined, after: E | undefined, at: string): void {
    if ((before === undefined) === (after === undefined)) return
    this.count += after === undefined ? -1 : 1
    if (this.form.times === undefined) return
    const timeKey = this.form.times.timeKey(at)
    if (after === undefined) {
      if (timeKey === this.first) this.isFirst = false
    } else if (timeKey <= this.first) {
      this.first = timeKey
      this.isFirst = true
    }
  }

  /** Only asked for by stores whose entries have a time. */
  private get times(): TimeOrder {
    return required(this.form.times, `the order of time of store ${this.name}`)
  }

  private forgetFirst(): void {
    ;[this.first, this.isFirst] = ['', false]
  }

  private search(from: string): string | undefined {
    const { times } = this
    for (const timeKey of this.timeKeys(from, afterAll))
      if (this.entryAt(times.at(timeKey)) !== undefined) return timeKey
    return undefined
  }

  /** The time keys of what is on disk and of what has changed, deleted entries among them. */
  private timeKeys(from: string, to: string): Generator<string> {
    const { times } = this
    this.byTime ??= sorted([...this.changed.keys()].map(at => times.timeKey(at)))
    return merged(
      this.byTime.from(from, at => at <= to),
      this.copy.timeKeys(from, to),
    )
  }
}

const sorted = (keys: readonly string[]) => new SortedList<string>((a, b) => (a < b ? -1 : a > b ? 1 : 0), keys)
