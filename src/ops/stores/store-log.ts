/** A store's log as its application describes it: the same shape as `StoreLog` and `StoreDescription` of src/vitals. */
export interface DescribedStore {
  /** `keyValue`, `window`, `session`, … */
  readonly kind: string
  readonly log: {
    readonly topic: string
    readonly holds: 'state' | 'records'
    readonly windowMs?: number
    readonly isStamped: boolean
    readonly figures?: readonly Figure[]
  }
}

/** A named figure takes so many places of the array that a value is; `kind` says what they mean. */
export interface Figure {
  readonly name: string
  readonly places: number
  readonly kind?: string
}

/** One entry of a store, for people. */
export interface StoreEntry {
  readonly partition: number
  /** A text as it is, anything else as JSON. */
  readonly key: string
  /** Null for an entry without a window. A window of which only the start is known has no end. */
  readonly window: { readonly startMs: number; readonly endMs: number | null } | null
  /** JSON. */
  readonly value: string
  /** Event time, where the store keeps one; else null. */
  readonly timestampMs: number | null
}
