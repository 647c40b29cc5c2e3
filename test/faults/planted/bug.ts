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
   * The kinds of fault on real services (`npm run faults -- --planted`) whose rounds show it: the simulation has an end of its own in the place of
   * the file, or has it in a share of its seeds only.
   */
  readonly faults?: readonly string[]
  /** The simulation shows such a bug, too. */
  readonly isSimulated?: boolean
}
