/** Something whose changes can be taken back: a store, or a step's time. */
export interface Undoable {
  /** Puts `previous` (undefined: absent) back at `key`. Called in the reverse order of the changes. */
  undo(key: any, previous: any): void
}

/** The changes of one stretch of processing, oldest first, as parallel arrays: no object per change. */
export class Segment {
  constructor(readonly epoch: number) {}
  readonly owners: Undoable[] = []
  readonly keys: any[] = []
  readonly previous: any[] = []

  rewind(mark: number): void {
    for (let i = this.owners.length - 1; i >= mark; i--) this.owners[i]!.undo(this.keys[i], this.previous[i])
    this.owners.length = this.keys.length = this.previous.length = mark
  }
}

/**
 * The unsealed layer of a task's state: what every change replaced, since the last sealed checkpoint. A record that
 * fails rewinds to its own start; a failed commit rewinds to the last checkpoint that Kafka took. Checkpoints under way
 * hold a segment each, so that processing goes on while they are written.
 */
export class Journal {
  private current = new Segment(0)
  private readonly cuts: Segment[] = []

  log(owner: Undoable, key: unknown, previous: unknown): void {
    const segment = this.current
    segment.owners.push(owner)
    segment.keys.push(key)
    segment.previous.push(previous)
  }

  /** Where the current segment stands: give it to `rewind` to undo what comes after. */
  mark(): number {
    return this.current.owners.length
  }

  rewind(mark: number): void {
    if (this.current.owners.length > mark) this.current.rewind(mark)
  }

  /** Number of the current segment; entries written now carry it, so that a checkpoint sees each of them once. */
  get epoch(): number {
    return this.current.epoch
  }

  /** Ends the current segment for a checkpoint and starts the next one. */
  cut(): Segment {
    const segment = this.current
    this.cuts.push(segment)
    this.current = new Segment(segment.epoch + 1)
    return segment
  }

  /** The oldest checkpoint has been committed: its changes can't be taken back any more. */
  seal(): void {
    this.cuts.shift()
  }

  /** Undoes everything that isn't sealed. */
  rollback(): void {
    this.current.rewind(0)
    for (let i = this.cuts.length - 1; i >= 0; i--) this.cuts[i]!.rewind(0)
    this.cuts.length = 0
  }

  get isEmpty(): boolean {
    return this.cuts.length === 0 && this.current.owners.length === 0
  }
}
