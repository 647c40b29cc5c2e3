import { required } from '../required'

/** Something whose changes can be taken back: a store, or a step's time. */
export interface Undoable {
  /** Puts `previous` (undefined: absent) back at `key`. Called in the reverse order of the changes. */
  undo(key: any, previous: any): void
}

/** Changes, oldest first, as parallel arrays that keep their room: no object per change, and none allocated anew per record. */
class Changes {
  readonly owners: (Undoable | undefined)[] = []
  readonly keys: any[] = []
  readonly previous: any[] = []
  length = 0

  push(owner: Undoable, key: unknown, previous: unknown): void {
    const at = this.length++
    this.owners[at] = owner
    this.keys[at] = key
    this.previous[at] = previous
  }

  rewind(to = 0): void {
    for (let i = this.length - 1; i >= to; i--) this.owners[i]!.undo(this.keys[i], this.previous[i])
    this.length = to
  }
}

/** How a store's changes are found again: what the entry that the journal calls `key` belongs to, its key as a rule. */
export type GroupOf = (key: any) => unknown

/** Where the changes of one owner stand in a segment, by group; `upTo` changes have been looked at. */
interface Index {
  readonly positions: Map<unknown, number[]>
  upTo: number
}

/** What a checkpoint changed: the first change of each entry, so that memory is bounded by the entries, not by the records. */
export class Segment extends Changes {
  /** Made for the first question and extended by the later ones, so that nothing is paid while nobody asks. */
  private readonly indexes = new Map<Undoable, Index>()

  constructor(readonly epoch: number) {
    super()
  }

  /** Where `owner` was changed in `group`, oldest first. */
  positionsOf(owner: Undoable, group: unknown, groupOf: GroupOf): readonly number[] {
    let index = this.indexes.get(owner)
    if (index === undefined) this.indexes.set(owner, (index = { positions: new Map(), upTo: 0 }))
    const { positions } = index
    for (; index.upTo < this.length; index.upTo++) {
      if (this.owners[index.upTo] !== owner) continue
      const at = groupOf(this.keys[index.upTo])
      const known = positions.get(at)
      if (known === undefined) positions.set(at, [index.upTo])
      else known.push(index.upTo)
    }
    return positions.get(group) ?? []
  }
}

/** A moment within a record, to which its later changes can be undone alone. */
export interface Savepoint {
  readonly record: number
  readonly segment: number
}

/** Beyond so many changes of one record the log of the record lets its room go. */
const roomKept = 4096

/**
 * The unsealed layer of a task's state: what every change replaced, since the last sealed checkpoint. A record that
 * fails is rewound to its own start; a failed commit to the last checkpoint that Kafka took. Checkpoints under way
 * hold a segment each, so that processing goes on while they are written.
 */
export class Journal {
  private current = new Segment(0)
  private record = new Changes()
  private recordMark = 0
  private readonly cuts: Segment[] = []

  /** Number of the current segment; an entry carries the one that wrote it, so that its first change in a segment is known. */
  get epoch(): number {
    return this.current.epoch
  }

  /** `previous` is what the entry was, with the `epoch` that wrote it where it has one. */
  log(owner: Undoable, key: unknown, previous: any): void {
    this.record.push(owner, key, previous)
    if (previous === undefined || previous.epoch !== this.current.epoch) this.current.push(owner, key, previous)
  }

  /** A record begins: `rewind` undoes what comes after. */
  begin(): void {
    if (this.record.length > roomKept) this.record = new Changes()
    this.record.length = 0
    this.recordMark = this.current.length
  }

  /** What the record in hand has changed so far, an entry as often as it was changed. */
  *changed(): Generator<readonly [owner: Undoable, key: unknown]> {
    const { owners, keys, length } = this.record
    for (let i = 0; i < length; i++) yield [required(owners[i], 'the owner of a change'), keys[i]]
  }

  /** The record in hand has failed: undoes its changes. */
  rewind(): void {
    this.record.rewind()
    this.current.length = this.recordMark
  }

  /** A part of what the record in hand causes begins: `rewindTo` undoes that part alone. Savepoints may lie within one another. */
  savepoint(): Savepoint {
    return { record: this.record.length, segment: this.current.length }
  }

  /** Undoes what came after a savepoint of the record in hand. */
  rewindTo({ record, segment }: Savepoint): void {
    this.record.rewind(record)
    this.current.length = segment
  }

  /** Unsealed changes: about what a rollback has to undo. */
  get size(): number {
    let size = this.current.length
    for (const segment of this.cuts) size += segment.length
    return size
  }

  /** Ends the current segment for a checkpoint and starts the next one. */
  cut(): Segment {
    const segment = this.current
    this.cuts.push(segment)
    this.current = new Segment(segment.epoch + 1)
    this.begin()
    return segment
  }

  /**
   * The oldest checkpoint has been committed: its changes can't be taken back any more. False where the segment isn't the oldest: it was
   * taken back already, since nobody waited for the answer.
   */
  seal(segment = this.cuts[0]): boolean {
    if (segment === undefined || this.cuts[0] !== segment) return false
    this.cuts.shift()
    return true
  }

  /** Undoes everything that isn't sealed. */
  rollback(): void {
    this.current.rewind()
    for (let i = this.cuts.length - 1; i >= 0; i--) this.cuts[i]!.rewind()
    this.cuts.length = 0
    this.current = new Segment(this.current.epoch)
    this.begin()
  }

  /**
   * What unsealed changes replaced of `owner`'s entries in one group, oldest first: `visit` is given the entry as the journal calls
   * it, and what it was. The first call for an entry gives its sealed state. Not to be called while a record is processed.
   */
  unsealed(owner: Undoable, group: unknown, groupOf: GroupOf, visit: (key: any, previous: any) => void): void {
    for (const segment of [...this.cuts, this.current])
      for (const at of segment.positionsOf(owner, group, groupOf)) visit(segment.keys[at], segment.previous[at])
  }

  /** Whether anything was changed since the last cut. */
  get isDirty(): boolean {
    return this.current.length > 0
  }
}
