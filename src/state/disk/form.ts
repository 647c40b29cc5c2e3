/** How one kind of store's entries stand in the changelog and on the disk. */
export interface Form<E> {
  /** The state key of an entry's key in the changelog, and that key again. */
  at(key: any): string
  keyOf(at: string): unknown
  entry(at: string, value: any): E
  /** As the journal of such a store in memory calls it. */
  called(at: string): unknown
  /** What the changelog has of an entry. */
  value(entry: E): unknown
  /** Of entries that have a time. */
  readonly times?: TimeOrder
}

/** An entry's place in the order of time, and back. */
export interface TimeOrder {
  timeKey(at: string): string
  at(timeKey: string): string
}
