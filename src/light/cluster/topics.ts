import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Fault } from '../log/log-rules'
import { PartitionLog } from '../log/partition-log'
import type { Ids } from '../world/ids'
import type { Keeper, KeptLog } from '../world/keeper'
import type { NodeStates } from './node-states'
import { Partition } from './partition'
import { TopicSettings } from './topic-settings'

export interface Topic {
  readonly name: string
  readonly id: string
  settings: TopicSettings
  readonly partitions: Partition[]
}

/** What a topic is to be. -1, of partitions or replicas: the cluster's default. */
export interface TopicWish {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly settings: ReadonlyMap<string, string>
  /** The nodes of each partition, where they aren't the cluster's choice. */
  readonly placement?: readonly (readonly number[])[]
}

/** What of a topic is kept beside its logs. */
interface KeptTopic {
  readonly id: string
  readonly settings: readonly (readonly [string, string])[]
  readonly partitions: readonly (readonly [nodes: readonly number[], leaderEpoch: number])[]
}

export interface TopicDefaults {
  readonly partitions: number
  readonly replicas: number
  readonly producerExpirationMs: number
}

/** Kafka's metrics have `_` for `.`: two topics must not be one there. */
const metricOf = (name: string) => name.replaceAll('.', '_')

const NAME = /^[a-zA-Z0-9._-]{1,249}$/

/** The topics of the cluster. */
export class Topics {
  private readonly byName = new Map<string, Topic>()
  private readonly byId = new Map<string, Topic>()

  constructor(
    private readonly nodes: NodeStates,
    private readonly ids: Ids,
    private readonly defaults: TopicDefaults,
    private readonly keeper: Keeper,
  ) {
    for (const [name, value] of keeper.all('topic')) {
      const { id, settings, partitions } = value as KeptTopic
      const topic = this.add(name, id, new TopicSettings(new Map(settings)))
      for (const [index, [nodes, leaderEpoch]] of partitions.entries())
        this.addPartition(topic, nodes, keeper.log(name, index), leaderEpoch)
    }
  }

  get(name: string): Topic | undefined {
    return this.byName.get(name)
  }

  withId(id: string): Topic | undefined {
    return this.byId.get(id)
  }

  partition(name: string, index: number): Partition | undefined {
    return this.byName.get(name)?.partitions[index]
  }

  /** By their names. */
  all(): Topic[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Why the topic can't be made; undefined where it can. */
  faultOf(wish: TopicWish): Fault | undefined {
    const { name, settings } = wish
    if (!NAME.test(name) || name === '.' || name === '..')
      return { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, message: `Topic name is invalid: ${JSON.stringify(name)}` }
    const like = [...this.byName.keys()].find(each => each !== name && metricOf(each) === metricOf(name))
    if (like !== undefined)
      return {
        errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
        message: `Topic '${name}' collides with existing topics: ${like}`,
      }
    if (this.byName.has(name))
      return { errorCode: ErrorCode.TOPIC_ALREADY_EXISTS, message: `Topic '${name}' already exists.` }
    const fault = TopicSettings.faultOf(settings)
    if (fault !== undefined) return { errorCode: ErrorCode.INVALID_CONFIG, message: fault }
    return wish.placement === undefined ? this.sizeFault(wish) : this.placementFault(wish.placement)
  }

  create(wish: TopicWish): Topic {
    const topic = this.add(wish.name, this.ids.uuid(), new TopicSettings(wish.settings))
    const replicas = wish.replicas === -1 ? this.defaults.replicas : wish.replicas
    const count = wish.partitions === -1 ? this.defaults.partitions : wish.partitions
    this.grow(topic, wish.placement?.length ?? count, replicas, wish.placement)
    return topic
  }

  delete(topic: Topic): void {
    this.byName.delete(topic.name)
    this.byId.delete(topic.id)
    this.keeper.drop('topic', topic.name)
    for (const partition of topic.partitions) {
      this.keeper.log(topic.name, partition.index).delete()
      // Who waits for records learns that the topic is gone.
      partition.changed()
    }
  }

  configure(topic: Topic, given: ReadonlyMap<string, string>): void {
    topic.settings = new TopicSettings(given)
    this.keep(topic)
  }

  /** Nodes came or went: leaders follow. */
  nodesChanged(): void {
    for (const topic of this.all()) {
      for (const partition of topic.partitions) partition.nodesChanged(id => this.nodes.isUp(id))
      this.keep(topic)
    }
  }

  /** Makes another replica lead; it must be up. */
  moveLeader(name: string, index: number, node: number): void {
    const topic = this.byName.get(name)
    const partition = topic?.partitions[index]
    if (topic === undefined || partition === undefined) throw new RangeError(`there is no partition ${name}-${index}`)
    if (!partition.isr.includes(node)) throw new RangeError(`node ${node} has no live replica of ${name}-${index}`)
    partition.lead(node)
    this.keep(topic)
  }

  /** Adds partitions up to `count`, with as many replicas as the first one has. */
  grow(
    topic: Topic,
    count: number,
    replicas = topic.partitions[0]?.replicas.length ?? 1,
    placement?: readonly (readonly number[])[],
  ): void {
    const first = topic.partitions.length
    for (let index = first; index < count; index++) {
      const kept = this.keeper.log(topic.name, index)
      // What a topic left that was being deleted when the process ended.
      kept.delete()
      this.addPartition(topic, placement?.[index - first] ?? this.place(index, replicas), kept)
    }
    this.keep(topic)
  }

  private add(name: string, id: string, settings: TopicSettings): Topic {
    const topic: Topic = { name, id, settings, partitions: [] }
    this.byName.set(name, topic)
    this.byId.set(id, topic)
    return topic
  }

  private addPartition(topic: Topic, nodes: readonly number[], kept: KeptLog, leaderEpoch = 0): void {
    const log = new PartitionLog(() => topic.settings.logRules(this.defaults.producerExpirationMs), kept)
    const { name, partitions } = topic
    partitions.push(new Partition(name, partitions.length, log, nodes, node => this.nodes.isUp(node), leaderEpoch))
  }

  private keep({ name, id, settings, partitions }: Topic): void {
    const kept = (): KeptTopic => ({
      ...{ id, settings: [...settings.given] },
      partitions: partitions.map(({ replicas, leaderEpoch }) => [replicas, leaderEpoch]),
    })
    this.keeper.put('topic', name, kept)
  }

  /** One node after the other, as Kafka spreads leaders. */
  private place(index: number, replicas: number): number[] {
    const nodes = this.nodes.all
    return Array.from({ length: replicas }, (_, i) => nodes[(index + i) % nodes.length]?.id ?? 0)
  }

  private sizeFault({ partitions, replicas }: TopicWish): Fault | undefined {
    if (partitions < 1 && partitions !== -1)
      return {
        errorCode: ErrorCode.INVALID_PARTITIONS,
        message: 'Number of partitions was set to an invalid non-positive value.',
      }
    const nodes = this.nodes.all.length
    if (replicas >= 1 ? replicas <= nodes : replicas === -1) return undefined
    return {
      errorCode: ErrorCode.INVALID_REPLICATION_FACTOR,
      message: `Unable to replicate the partition ${replicas} time(s): there are ${nodes} nodes.`,
    }
  }

  private placementFault(placement: readonly (readonly number[])[]): Fault | undefined {
    const known = new Set(this.nodes.all.map(({ id }) => id))
    if (
      placement.every(
        nodes => nodes.length > 0 && new Set(nodes).size === nodes.length && nodes.every(id => known.has(id)),
      )
    )
      return undefined
    return {
      errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      message: 'A partition is assigned to nodes that do not exist, or twice to one.',
    }
  }
}
