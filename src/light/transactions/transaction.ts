import type { Cancel } from '../world/world'

export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'

/** What of a transactional id is kept. */
export interface KeptTransaction {
  readonly producerId: number
  readonly epoch: number
  readonly lastEpoch: number
  readonly timeoutMs: number
  readonly startedAt: number
  readonly state: TransactionState
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
  readonly groups: readonly string[]
}

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

  static restored(id: string, kept: KeptTransaction): Transaction {
    const transaction = new Transaction(id, kept.producerId, kept.epoch, kept.timeoutMs)
    transaction.lastEpoch = kept.lastEpoch
    transaction.startedAt = kept.startedAt
    transaction.state = kept.state
    transaction.addPartitions(kept.partitions)
    for (const group of kept.groups) transaction.groups.add(group)
    return transaction
  }

  get kept(): KeptTransaction {
    const { producerId, epoch, lastEpoch, timeoutMs, startedAt, state } = this
    const [partitions, groups] = [[...this.partitions.values()], [...this.groups]]
    return { producerId, epoch, lastEpoch, timeoutMs, startedAt, state, partitions, groups }
  }

  addPartitions(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    for (const each of partitions) this.partitions.set(`${each.topic}/${each.partition}`, each)
  }

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
