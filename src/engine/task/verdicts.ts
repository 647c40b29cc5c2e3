import type { ContentError, Position } from '../../errors'

/** What ends have refused of a task's work, so that it isn't handed to them again. */
export interface Verdicts {
  /** Why a record may not be processed again: it becomes a dead letter instead. */
  refusalOf(at: Position): ContentError | undefined
  /** Set where what was refused are results that no single record has caused: all that come now are dead letters. */
  readonly results: ContentError | undefined
  /** Whether dead letters themselves are refused: they are dropped, and counted all the same. */
  readonly dropsLetters: boolean
}

/** What a task had in one commit. */
export interface Share {
  readonly task: string
  /** Records that were processed. */
  readonly records: number
  /** The last of them. */
  readonly last: Position | undefined
  /** Results that no single record has caused: of closed windows, punctuators. */
  readonly results: number
  readonly letters: number
}
