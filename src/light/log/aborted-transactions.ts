/** A transaction that was aborted, where it wrote in one partition. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Of the marker. */
  readonly lastOffset: number
}

/** The aborted transactions of one partition: what a reader of committed records has to pass over. */
export class AbortedTransactions {
  /** In the order of their markers. */
  private list: AbortedTransaction[] = []

  add(transaction: AbortedTransaction): void {
    this.list.push(transaction)
  }

  /** Those with records in [from, to). */
  between(from: number, to: number): AbortedTransaction[] {
    return this.list.filter(({ firstOffset, lastOffset }) => lastOffset >= from && firstOffset < to)
  }

  /** Forgets what lies before the beginning of the log. */
  truncate(startOffset: number): void {
    this.list = this.list.filter(({ lastOffset }) => lastOffset >= startOffset)
  }
}
