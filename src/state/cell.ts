import type { Journal, Undoable } from './journal'

/** One number that belongs to the state: stream time, a step's own time. Kept in the times changelog under its name. */
export class Cell implements Undoable {
  private current: number

  constructor(
    readonly name: string,
    private readonly journal: Journal,
    readonly initial: number,
  ) {
    this.current = initial
  }

  get value(): number {
    return this.current
  }

  set value(value: number) {
    if (value === this.current) return
    this.journal.log(this, undefined, this.current)
    this.current = value
  }

  undo(_key: undefined, previous: number): void {
    this.current = previous
  }

  /** Sets the value from the changelog, without the journal. */
  restore(value: number | undefined): void {
    this.current = value ?? this.initial
  }
}
