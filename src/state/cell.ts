import type { Journal, Undoable } from './journal'

/** What a cell was, and the segment that wrote it. */
interface Former {
  readonly value: number
  readonly epoch: number
}

/** One number that belongs to the state: stream time, a step's own time. Kept in the times changelog under its name. */
export class Cell implements Undoable {
  private current: Former

  constructor(
    readonly name: string,
    private readonly journal: Journal,
    readonly initial: number,
  ) {
    this.current = { value: initial, epoch: -1 }
  }

  get value(): number {
    return this.current.value
  }

  /** As of the last commit that was sealed. */
  get sealed(): number {
    let former: Former | undefined
    this.journal.unsealed(
      this,
      0,
      () => 0,
      (_key, previous) => {
        former ??= previous
      },
    )
    return (former ?? this.current).value
  }

  set value(value: number) {
    const former = this.current
    if (value === former.value) return
    this.journal.log(this, undefined, former)
    this.current = { value, epoch: this.journal.epoch }
  }

  undo(_key: undefined, former: Former): void {
    this.current = former
  }

  /** Sets the value from the changelog, without the journal. */
  restore(value: number | undefined): void {
    this.current = { value: value ?? this.initial, epoch: -1 }
  }
}
