import { randomInt } from 'node:crypto'
import { UnavailableError } from '../../errors'
import { entryOf } from '../../required'
import {
  type Bytes,
  deleteEnvironment,
  type Environment,
  isStructures,
  openEnvironment,
  unwritable,
} from './environment'
import { storedKey, storedValue, valueStart } from './long-keys'
import { walk } from './walk'

/** Changes of one transaction: what it dirties stays in memory until it is committed, a page or two a change. */
const changesAtOnce = 16_384
/** For each store and partition; a few MB. */
const usualCache = 16_384
/** What a transaction writes beside its changes. */
const restBytes = 65_536
const nothing = Buffer.alloc(0)
const damaged = 'its file was damaged'
/** Number of the form in which entries are written: one of another is emptied. */
const format = 1
/** The owner of a copy that none has, as a process id. */
const nobody = Buffer.from('0')

/** A store's copy on disk holds what nobody has written to it. It is given up, and the store is restored from its changelog. */
export class DamagedCopyError extends UnavailableError {}

/** What is written: state keys as bytes, with their values as the changelog has them; null deletes. */
export type Changes = ReadonlyMap<string, Buffer | null>

type Read<T> = (at: string, value: Buffer, start: number) => T

export interface LocalCopyOptions {
  readonly folder: string
  /** What the copy is of: cluster, changelog, kind of store. A copy of anything else is emptied. */
  readonly origin: string
  /** A copy that was written to longer ago, ms, is emptied: the changelog may have forgotten a deletion since. */
  readonly longestAwayMs: number
  readonly now: () => number
  /** Entries that are kept in memory beside those that have changed, about. */
  readonly cacheEntries?: number
  /** A key's place in the order of time, for kinds that have one. */
  readonly timeKey: ((at: string) => string) | undefined
}

/**
 * One store's state on this machine, as of an offset of its changelog. What is written are records of that changelog from the
 * position on, each with its key's whole state, and the position with the last of them: a crash in between leaves a copy that is
 * right once it is read on from its position. Every write depends on the copy's owner: a former one's does nothing.
 */
export class LocalCopy {
  /** Offset in the changelog from which on records may be missing here. */
  position = 0
  /** Why the copy began empty, where a former one was of no use. */
  emptied: string | undefined
  /** False once another has taken the copy over. */
  isOurs = true
  /** Set where something can't be read that is there. */
  damage: DamagedCopyError | undefined
  /** When it was last noted that nothing is missing up to `position`. */
  private notedAtMs = 0
  private lastQueued: Promise<unknown> | undefined
  private environment: Environment
  private readonly owner = randomInt(1, 2 ** 47)

  /** Takes the copy over from whoever has it. */
  constructor(private readonly options: LocalCopyOptions) {
    this.environment = openEnvironment(options.folder)
    try {
      this.claimed()
    } catch (error) {
      if (!isStructures(error)) throw unwritable(options.folder, error)
      deleteEnvironment(options.folder)
      this.environment = openEnvironment(options.folder)
      this.claimed()
      this.emptied = damaged
    }
  }

  get cacheEntries(): number {
    return this.options.cacheEntries ?? usualCache
  }

  /** Number of entries. */
  get size(): number {
    return statsOf(this.environment.entries).entryCount
  }

  /** What entries and index take on the disk, bytes: the pages in use. */
  get bytes(): number {
    return [this.environment.entries, this.environment.index].reduce((sum, database) => {
      const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = statsOf(database)
      return sum + pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages)
    }, 0)
  }

  /** The entry under a key. Throws DamagedCopyError, as all that reads, where `read` throws; and from then on. */
  get<T>(at: string, read: Read<T>): T | undefined {
    this.throwIfDamaged()
    try {
      const value = this.environment.entries.getBinaryFast(storedKey(at)) as Buffer | undefined
      return value && read(at, value, valueStart(at))
    } catch (cause) {
      throw this.giveUp(cause)
    }
  }

  /** Entries with `from <= key <= to`, in order; what is written meanwhile may be met or not. */
  entries<T>(from: string, to: string, read: Read<T>): Generator<T> {
    return this.walk(this.environment.entries, from, to, read)
  }

  /** Time keys with `from <= key <= to`, in order. */
  timeKeys(from: string, to: string): Generator<string> {
    return this.walk(this.environment.index, from, to, at => at)
  }

  /**
   * Writes records of the changelog, the last of which end at `position` (undefined: unknown). Resolves when all can be read here;
   * false: another owns the copy now, and has what was committed. `mostlyNew`: looking whether an entry is there costs more than
   * writing its time key again.
   */
  async write(changes: Changes, position: number | undefined, mostlyNew = false): Promise<boolean> {
    this.throwIfDamaged()
    // In order, so that neighbours are written to one page.
    const keys = [...changes.keys()].sort()
    let from = 0
    do {
      const part = keys.slice(from, (from += changesAtOnce))
      const isWritten = await this.whenOurs(
        () => {
          for (const at of part) this.change(at, entryOf(changes, at), mostlyNew)
          if (from >= keys.length && position !== undefined) this.move(position)
        },
        this.roomFor(part, changes),
      )
      this.environment.root.resetReadTxn()
      if (!isWritten) this.isOurs = false
    } while (this.isOurs && from < keys.length)
    if (this.isOurs && position !== undefined) this.position = position
    return this.isOurs
  }

  /** Notes that nothing was missed up to now, where that was last noted long ago. */
  async touch(): Promise<void> {
    const { now, longestAwayMs } = this.options
    if (now() - this.notedAtMs > longestAwayMs / 16) await this.whenOurs(() => this.move(this.position))
  }

  /** Others on this machine may have it. */
  async release(): Promise<void> {
    await this.whenOurs(() => this.queued(this.environment.about.put('owner', nobody, this.owner)))
  }

  /** Forgets everything. */
  clear(): void {
    const { root, about } = this.environment
    root.transactionSync(() => {
      if (about.getEntry('owner')?.version === this.owner) this.empty()
      else this.isOurs = false
    })
    this.position = 0
  }

  private *walk<T>(database: Bytes, from: string, to: string, read: Read<T>): Generator<T> {
    this.throwIfDamaged()
    try {
      yield* walk(database, from, to, read)
    } catch (cause) {
      throw this.giveUp(cause)
    }
  }

  /** Only what could be read was written, so that the disk is to blame and no record: the changelog has what was there. */
  private giveUp(cause: unknown): DamagedCopyError {
    if (this.damage !== undefined) return this.damage
    if (isStructures(cause)) this.delete()
    else this.discard()
    const what = `the copy of a store in ${this.options.folder} is damaged, and the store is restored from its changelog`
    this.damage = new DamagedCopyError(`disk: ${what}`, { cause, service: 'disk' })
    return this.damage
  }

  /** Nothing more can be asked of the file, not even who has it. */
  private delete(): void {
    if (this.isOurs) deleteEnvironment(this.options.folder)
    this.isOurs = false
    this.position = 0
  }

  private throwIfDamaged(): void {
    if (this.damage !== undefined) throw this.damage
  }

  /** What is still to be written is not. */
  private discard(): void {
    const { root, about } = this.environment
    root.transactionSync(() => {
      if (about.getEntry('owner')?.version !== this.owner) return
      this.empty()
      about.put('owner', nobody, 1)
    })
    this.isOurs = false
    this.position = 0
  }

  private claimed(): void {
    this.environment.root.transactionSync(() => this.claim())
    if (this.environment.wasDamaged && this.position === 0) this.emptied ??= damaged
  }

  private claim(): void {
    const { about } = this.environment
    const { longestAwayMs, now } = this.options
    const origin = `${format} ${this.options.origin}`
    const former = text(about.get('origin'))
    const { offset, at } = JSON.parse(text(about.get('position')) ?? '{"offset":0,"at":0}') as Position
    if (former !== undefined && former !== origin) this.emptied = 'it was of another changelog or another kind of store'
    else if (offset > 0 && now() - at > longestAwayMs)
      this.emptied = 'it is so old that the changelog may have forgotten deletions'
    if (this.emptied === undefined) this.position = offset
    else this.empty()
    about.put('origin', Buffer.from(origin), 1)
    about.put('owner', Buffer.from(String(process.pid)), this.owner)
  }

  private empty(): void {
    const { entries, index } = this.environment
    entries.clearSync()
    index.clearSync()
    this.move(0)
  }

  private async whenOurs(write: () => void, bytes = 0): Promise<boolean> {
    try {
      await this.environment.file.makeRoom(bytes + restBytes)
      return await this.environment.about.ifVersion('owner', this.owner, write)
    } catch (error) {
      // What LMDB says itself comes as a promise that fails.
      const fault = await (error as { commitError?: Promise<never> }).commitError?.catch(failure => failure as Error)
      throw isStructures(fault ?? error) ? this.giveUp(fault ?? error) : unwritable(this.options.folder, fault ?? error)
    }
  }

  /** At most each page of the trees is written anew, two or so for a change; and what is new, with an index, in pages that are half full. */
  private roomFor(keys: readonly string[], changes: Changes): number {
    let bytes = 0
    for (const at of keys) bytes += at.length + (entryOf(changes, at)?.length ?? 0) + 64
    return Math.min(this.bytes, keys.length * 10_240) + 3 * bytes
  }

  /** A write's own promise fails with its transaction, which is what is waited for. */
  private queued(write: Promise<unknown>): void {
    if (write === this.lastQueued) return
    this.lastQueued = write
    write.catch(() => undefined)
  }

  private change(at: string, value: Buffer | null, mostlyNew: boolean): void {
    const { entries, index } = this.environment
    const stored = storedKey(at)
    const timeKey = this.options.timeKey?.(at)
    if (value === null) {
      this.queued(entries.remove(stored))
      if (timeKey !== undefined) this.queued(index.remove(storedKey(timeKey)))
      return
    }
    if (timeKey !== undefined && (mostlyNew || !entries.doesExist(stored)))
      this.queued(index.put(storedKey(timeKey), storedValue(timeKey, nothing)))
    this.queued(entries.put(stored, storedValue(at, value)))
  }

  private move(offset: number): void {
    this.notedAtMs = this.options.now()
    const position: Position = { offset, at: this.notedAtMs }
    this.queued(this.environment.about.put('position', Buffer.from(JSON.stringify(position)), 1))
  }
}

interface Position {
  readonly offset: number
  /** When it was written, ms. */
  readonly at: number
}

const text = (bytes: Buffer | undefined) => bytes?.toString()

interface Stats {
  readonly entryCount: number
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

/** LMDB's `MDB_stat`, which the package's types leave out. */
const statsOf = (database: Bytes): Stats => (database as unknown as { getStats(): Stats }).getStats()
