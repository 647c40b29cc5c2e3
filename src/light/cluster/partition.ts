import type { PartitionLog } from '../log/partition-log'

/** Without a leader: no replica is up. */
export const NO_LEADER = -1

/** One partition: its log, and which of its nodes leads it. */
export class Partition {
  leader: number
  /** Those of the replicas that are up. */
  isr: readonly number[]
  private readonly watchers = new Set<() => void>()

  constructor(
    readonly topic: string,
    readonly index: number,
    readonly log: PartitionLog,
    readonly replicas: readonly number[],
    isUp: (node: number) => boolean,
    public leaderEpoch = 0,
  ) {
    this.isr = replicas.filter(isUp)
    this.leader = this.isr[0] ?? NO_LEADER
  }

  /** Called with each change of the log or of the leader, until the function that comes back is called. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  changed(): void {
    for (const watcher of [...this.watchers]) watcher()
  }

  /** Makes `node` the leader, which begins a new epoch. */
  lead(node: number): void {
    if (this.leader === node) return
    this.leader = node
    this.leaderEpoch++
    this.changed()
  }

  /** A node came or went: the leader stays while it is up, else the first replica that is up leads. */
  nodesChanged(isUp: (node: number) => boolean): void {
    this.isr = this.replicas.filter(isUp)
    if (!this.isr.includes(this.leader)) this.lead(this.isr[0] ?? NO_LEADER)
  }
}
