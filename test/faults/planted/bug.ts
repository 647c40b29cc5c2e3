/** A mistake that is put into the source of the running engine. */
export interface Bug {
  readonly name: string
  /** What is wrong then. */
  readonly why: string
  readonly file: string
  /** The text, which is there once, and what takes its place. */
  readonly from: string
  readonly to: string
  /**
   * The kinds of fault on real services (`npm run faults -- --planted`) whose rounds show it, where the simulation can't: it has ends of its own
   * in the place of the file.
   */
  readonly faults?: readonly string[]
}
