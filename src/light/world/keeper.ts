/** What to do about what can't be read. */
export const ANEW = 'begin anew with `npm run stack -- reset`'

/** What is kept of one partition: whole record batches, one after the other, from a first offset on. */
export interface KeptLog {
  /** As an error names it. */
  readonly place: string
  /** What was kept; `bytes` may end in the middle of a batch, which was never answered. `snapshot` is of the last `replace`, or of one that was cut short. */
  read(): { readonly startOffset: number; readonly bytes: Buffer; readonly snapshot?: unknown }
  append(batch: Buffer): void
  /** Puts these in the place of all that is kept, once the snapshot is kept: a value that JSON has, of what the batches no longer tell. */
  replace(startOffset: number, batches: readonly Buffer[], snapshot: () => unknown): void
  delete(): void
}

/** Where a cluster keeps what is to outlive it. What was put or appended is kept when the call comes back. */
export interface Keeper {
  /** As it is called where clients ask for the broker's folders. */
  readonly place: string
  /** The last value of each name of a kind, in the order in which the names came. */
  all(kind: string): readonly (readonly [name: string, value: unknown])[]
  /** The value is one that JSON has; it is asked for where it is kept. */
  put(kind: string, name: string, value: () => unknown): void
  drop(kind: string, name: string): void
  log(topic: string, partition: number): KeptLog
}

const forgottenLog: KeptLog = {
  place: 'memory',
  read: () => ({ startOffset: 0, bytes: Buffer.alloc(0) }),
  append: () => {},
  replace: () => {},
  delete: () => {},
}

/** Everything is gone with the cluster. */
export const forgetful: Keeper = {
  place: 'memory',
  all: () => [],
  put: () => {},
  drop: () => {},
  log: () => forgottenLog,
}
