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

  rewind(): void {
    for (let i = this.length - 1; i >= 0; i--) this.owners[i]!.undo(this.keys[i], this.previous[i])
    this.length = 0
  }
}

/** What a checkpoint changed: the first change of each entry, so that memory is bounded by the entries, not by the records. */
export class Segment extends Changes {
  constructor(readonly epoch: number) {
    super()
  }
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

  /** The record in hand has failed: undoes its changes. */
  rewind(): void {
    this.record.rewind()
    this.current.length = this.recordMark
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
    this.begin()
  }

  /** Whether anything was changed since the last cut. */
  get isDirty(): boolean {
    return this.current.length > 0
  }
}
