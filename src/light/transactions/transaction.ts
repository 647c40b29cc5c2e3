import type { Cancel } from '../world/world'

export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'

/** What the coordinator knows of one transactional id. */
export class Transaction {
  state: TransactionState = 'Empty'
  /** The partitions that it writes to, by `topic/partition`, in the order in which they were added. */
  readonly partitions = new Map<string, { readonly topic: string; readonly partition: number }>()
  /** The groups whose positions it notes. */
  readonly groups = new Set<string>()
  /** What of both its marker is still on the way to. */
  readonly late = new Set<string>()
  /** Of the last one, ms; -1 where the epoch has seen none. */
  startedAt = -1
  /** The epoch before the last one, whose holder may ask again for what it has not heard of (KIP-360). */
  lastEpoch = -1
  /** Ends it when its time is over. */
  timer: Cancel | undefined

  constructor(
    readonly id: string,
    public producerId: number,
    public epoch: number,
    public timeoutMs: number,
  ) {}

  get isEnding(): boolean {
    return this.state === 'PrepareCommit' || this.state === 'PrepareAbort'
  }

  begin(now: number): void {
    if (this.state === 'Ongoing') return
    this.state = 'Ongoing'
    this.startedAt = now
  }

  complete(): void {
    this.state = this.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort'
    this.partitions.clear()
    this.groups.clear()
  }
}
