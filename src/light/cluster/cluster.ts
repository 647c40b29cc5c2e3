import type { Group } from '../groups/group'
import { Groups } from '../groups/groups'
import type { Marker } from '../log/build-batch'
import { Transactions } from '../transactions/transactions'
import { Ids } from '../world/ids'
import { forgetful, type Keeper } from '../world/keeper'
import type { Clock } from '../world/world'
import { CoordinatorKind, Coordinators } from './coordinators'
import { type Node, NodeStates } from './node-states'
import { Topics } from './topics'

export interface ClusterSettings {
  /** Of a cluster that is new. */
  readonly clusterId: string
  /** Of topics that don't say how many they want. */
  readonly partitions: number
  readonly replicas: number
  /** Whether a topic that is asked for is made (`auto.create.topics.enable`). */
  readonly autoCreateTopics: boolean
  readonly maxTransactionTimeoutMs: number
  /** How long the marker of a transaction is under way to a partition (`topic/0`) or a group's positions (`group g`) once its end is decided, ms. */
  readonly markerDelayMs: (target: string) => number
  /**
   * Whether the transaction that ends loses all its markers, as Kafka loses those of partitions without a leader (it takes them for
   * deleted): what it wrote hangs until somebody writes them (KIP-664).
   */
  readonly losesMarkers: (transactionalId: string) => boolean
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  readonly producerExpirationMs: number
  /** How often logs are cleaned as their topics say, ms; 0 for never by itself. */
  readonly cleanEveryMs: number
}

/** Ids that are made follow from it, so that those of another start are others. */
interface KeptCluster {
  readonly clusterId: string
  readonly starts: number
}

/** Everything that the nodes of one cluster know: they are one state machine, and differ in what each of them is in charge of. */
export class Cluster {
  readonly nodes = new NodeStates()
  readonly id: string
  readonly topics: Topics
  readonly groups: Groups
  readonly transactions: Transactions
  readonly coordinators = new Coordinators(this.nodes)

  constructor(
    readonly settings: ClusterSettings,
    readonly clock: Clock,
    readonly keeper: Keeper = forgetful,
  ) {
    const [[, former] = []] = keeper.all('cluster')
    const { clusterId, starts } = (former ?? { clusterId: settings.clusterId, starts: 0 }) as KeptCluster
    const kept: KeptCluster = { clusterId, starts: starts + 1 }
    keeper.put('cluster', '', () => kept)
    this.id = clusterId
    const ids = new Ids(starts === 0 ? clusterId : `${clusterId}/${starts}`)
    this.topics = new Topics(this.nodes, ids, settings, keeper)
    this.groups = new Groups(clock, ids, keeper)
    this.groups.forgetMissing(topic => this.topics.get(topic) !== undefined)
    const { maxTransactionTimeoutMs: maxTimeoutMs, markerDelayMs, losesMarkers } = settings
    this.transactions = new Transactions(clock, { maxTimeoutMs, markerDelayMs, losesMarkers }, this, keeper)
    if (settings.cleanEveryMs > 0) this.cleanAgain()
  }

  /** A node that is new to the cluster, or that is there again after the cluster was. */
  addNode(node: Node): void {
    this.nodes.add(node)
    this.topics.nodesChanged()
    this.transactions.writeMarkers()
  }

  /** A node comes or goes: leaders and coordinators follow. */
  setUp(node: number, isUp: boolean): void {
    const before = this.coordinatorsOfGroups()
    this.nodes.setUp(node, isUp)
    this.topics.nodesChanged()
    for (const [group, at] of before)
      if (this.coordinators.nodeOf(CoordinatorKind.GROUP, group.id) !== at) group.moved()
    this.transactions.writeMarkers()
  }

  /** Makes another replica lead; it must be up. */
  moveLeader(topic: string, index: number, node: number): void {
    this.topics.moveLeader(topic, index, node)
    this.transactions.writeMarkers()
  }

  moveCoordinator(kind: number, key: string, node: number): void {
    const before = this.coordinators.nodeOf(kind, key)
    this.coordinators.move(kind, key, node)
    if (kind === CoordinatorKind.GROUP && before !== node) this.groups.get(key)?.moved()
  }

  /** Writes the end of a transaction into a partition; false while it has no leader. */
  mark(topic: string, index: number, marker: Marker): boolean {
    const partition = this.topics.partition(topic, index)
    if (partition === undefined) return true
    if (!this.nodes.isUp(partition.leader)) return false
    partition.log.mark(marker, partition.leaderEpoch, this.clock.now())
    partition.changed()
    return true
  }

  endOffsets(groupId: string, { producerId, committed }: Marker): void {
    this.groups.get(groupId)?.offsets.endTransaction(producerId, committed)
  }

  /** Deletes and compacts as the topics say; those where little is new are left for later. */
  clean(): void {
    for (const { settings, partitions } of this.topics.all())
      for (const partition of partitions) {
        const isDirty = partition.log.dirtyRatio >= settings.number('min.cleanable.dirty.ratio')
        if (isDirty || settings.get('cleanup.policy') === 'delete') partition.log.clean(this.clock.now())
      }
  }

  private cleanAgain(): void {
    this.clock.after(this.settings.cleanEveryMs, () => {
      this.clean()
      this.cleanAgain()
    })
  }

  private coordinatorsOfGroups(): Map<Group, number | undefined> {
    return new Map(this.groups.all().map(group => [group, this.coordinators.nodeOf(CoordinatorKind.GROUP, group.id)]))
  }
}
