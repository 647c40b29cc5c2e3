import type { Adder, Merger, Reading } from './functions'
import type { Emit, Windows } from './windows'

export interface AggregateSpec {
  readonly store: string
  /** Absent for reduce: the first value is the aggregate. */
  readonly initial?: () => unknown
  readonly add: Adder
  /** Of a cogroup: how each parent's values are added; `add` is the first. */
  readonly adds?: readonly Adder[]
  /** For sessions: joins two aggregates. */
  readonly merge?: Merger
  /** What is forwarded for a stored aggregate; absent: the aggregate itself. */
  readonly result?: Reading
  /** What a stored aggregate of named figures is made of, in its order: for who reads the store from outside. */
  readonly figures?: readonly FigureLayout[]
}

/** A figure takes so many places of the array that a stored aggregate is; `kind` says what they mean. */
export interface FigureLayout {
  readonly name: string
  readonly places: number
  readonly kind?: string
}

export interface WindowAggregateSpec extends AggregateSpec {
  readonly windows: Windows
  readonly emit: Emit
  /** ms that a closed window stays readable; never less than what correctness needs. */
  readonly retentionMs?: number
  /** ms that a closed window stays readable beyond what correctness needs. */
  readonly historyMs?: number
}
