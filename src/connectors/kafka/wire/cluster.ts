import type { Logger } from 'kafkajs'
import { entryOf } from '../../../required'
import type { Api } from '../protocol/api'
import { ErrorCode } from '../protocol/error-codes'
import { type CoordinatorKind, findCoordinator } from '../protocol/find-coordinator'
import { type BrokerAddress, type ClusterMetadata, metadata, type TopicMetadata } from '../protocol/metadata'
import { firstAnswer } from './first-answer'
import type { KafkaConfig } from './kafka-config'
import { ConnectionError, check, KafkaError, LinkRefused } from './kafka-errors'
import { Wire } from './wire'

/**
 * A broker answers a connection's requests one after the other, so what may wait there (a fetch, a join) has a lane, which
 * is a connection, of its own.
 */
export type Lane = string

/** A broker that has said nothing for so long isn't waited for where any other may answer, ms. */
const PATIENCE_MS = 500

/** Brokers, leaders and coordinators of one Kafka cluster, and requests to them over kafkajs's connections. */
export class Cluster {
  private readonly wires = new Map<string, Wire>()
  private readonly addresses = new Map<number, BrokerAddress>()
  private readonly topics = new Map<string, TopicMetadata>()
  private readonly coordinators = new Map<string, number>()
  private controllerId = -1
  private id: string | undefined
  private turn = 0

  constructor(
    readonly config: KafkaConfig,
    private readonly logger: Logger,
  ) {}

  /** Reaches one broker and learns the others. Throws ConnectionError (an UnavailableError) when none answers. */
  async connect(): Promise<void> {
    await this.refresh([])
  }

  /** How many brokers the cluster had when it was last asked. */
  get brokerCount(): number {
    return this.addresses.size
  }

  /** Metadata of all topics, internal ones included. */
  async allTopics(): Promise<readonly TopicMetadata[]> {
    return (await this.refresh(null)).topics
  }

  /** Fresh metadata of `topics`; one that does not exist has `errorCode` 3. Remembers the leaders. */
  async metadata(topics: readonly string[]): Promise<readonly TopicMetadata[]> {
    return (await this.refresh(topics)).topics
  }

  /** The node that leads the partition, from memory where known. Throws KafkaError when there is none now. */
  async leader(topic: string, partition: number): Promise<number> {
    if (this.knownLeader(topic, partition) === undefined) await this.refresh([topic])
    const leader = this.knownLeader(topic, partition)
    if (leader !== undefined) return leader
    const found = this.topics.get(topic)
    const isGone = found?.errorCode === ErrorCode.NONE && !this.isThere(topic, partition)
    const missing = isGone ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.LEADER_NOT_AVAILABLE
    throw new KafkaError(found?.errorCode || missing, `leader of ${topic}-${partition}`)
  }

  /** Whether there was such a partition when its topic was last asked for, with a leader or without. */
  isThere(topic: string, partition: number): boolean {
    const found = this.topics.get(topic)
    if (found?.errorCode === ErrorCode.LEADER_NOT_AVAILABLE) return true
    return this.partition(topic, partition) !== undefined
  }

  /** The leader as last seen, undefined where unknown. */
  knownLeader(topic: string, partition: number): number | undefined {
    const leader = this.partition(topic, partition)?.leader
    return leader === undefined || leader < 0 ? undefined : leader
  }

  /** Each mostly lies at its own place: a look through all of them for each of them would take long. */
  private partition(topic: string, partition: number) {
    const all = this.topics.get(topic)?.partitions
    const own = all?.[partition]
    return own?.partition === partition ? own : all?.find(each => each.partition === partition)
  }

  /** The topic's id as last seen, undefined where unknown. */
  knownId(topic: string): string | undefined {
    const found = this.topics.get(topic)
    return found?.errorCode === ErrorCode.NONE ? found.id : undefined
  }

  /** Forgets a topic's leaders: the next `leader` asks again. */
  forgetTopic(topic: string): void {
    this.topics.delete(topic)
  }

  /** The node that coordinates the group or the transactional id; cached until `forgetCoordinator` or a lost connection. */
  async coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    const name = `${kind}:${key}`
    const known = this.coordinators.get(name)
    if (known !== undefined && this.addresses.has(known)) return known
    const found = await this.any(findCoordinator(kind, key))
    check(found.errorCode, `coordinator of ${kind} ${key}`)
    this.addresses.set(found.nodeId, { nodeId: found.nodeId, host: found.host, port: found.port })
    this.coordinators.set(name, found.nodeId)
    return found.nodeId
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.coordinators.delete(`${kind}:${key}`)
  }

  /** The brokers that are there now, and which of them is the controller. */
  async brokers(): Promise<{ readonly brokers: readonly BrokerAddress[]; readonly controllerId: number }> {
    const { brokers, controllerId } = await this.refresh([])
    return { brokers, controllerId }
  }

  async controller(): Promise<number> {
    await this.refresh([])
    return this.controllerId
  }

  /** The cluster's id, the same for all its brokers for ever. */
  async clusterId(): Promise<string> {
    if (this.id === undefined) await this.refresh([])
    return this.id ?? ''
  }

  /** Node ids of the brokers known. */
  async nodes(): Promise<number[]> {
    if (this.addresses.size === 0) await this.refresh([])
    return [...this.addresses.keys()]
  }

  /** Sends to one broker. Throws ConnectionError; error codes inside the answer are the caller's. */
  async send<T>(node: number, api: Api<T>, lane: Lane = 'main'): Promise<T> {
    const address = this.addresses.get(node)
    if (address === undefined) throw new ConnectionError(`broker ${node} is not known`, false, undefined)
    try {
      return await this.wire(address, lane).send(api)
    } catch (error) {
      if (error instanceof ConnectionError) this.distrust(node)
      throw error
    }
  }

  /**
   * Sends to whichever broker answers first, known ones before the configured ones; one that says nothing for a moment isn't
   * waited for. Throws ConnectionError when none answers.
   */
  async any<T>(api: Api<T>): Promise<T> {
    const known = [...this.addresses.values()]
    const start = known.length === 0 ? 0 : this.turn++ % known.length
    const tries = [...known.slice(start), ...known.slice(0, start), ...this.seeds()]
    try {
      return await firstAnswer(
        tries.map(address => () => this.wire(address, 'main').send(api)),
        PATIENCE_MS,
      )
    } catch (error) {
      if (error instanceof LinkRefused) throw error
      const brokers = this.config.brokers.join(',')
      const hint = error instanceof ConnectionError ? error.hint : undefined
      const why = hint ?? 'is it running, is the address right?'
      throw new ConnectionError(`no Kafka broker answers (${brokers}): ${why}`, false, error)
    }
  }

  /** Drops the lane's connections to all brokers. */
  async closeLane(lane: Lane): Promise<void> {
    const closing: Promise<void>[] = []
    for (const [name, wire] of this.wires) {
      if (!name.endsWith(`/${lane}`)) continue
      this.wires.delete(name)
      closing.push(wire.close())
    }
    await Promise.all(closing)
  }

  /** Drops all connections; what is under way is rejected. */
  async disconnect(): Promise<void> {
    await Promise.all([...this.wires.values()].map(wire => wire.close()))
  }

  /** What the broker speaks: highest version of an API, -1 when it lacks it. */
  async maxVersion(node: number, apiKey: number): Promise<number> {
    await this.send(node, metadata([]))
    const address = entryOf(this.addresses, node)
    return this.wire(address, 'main').versions[apiKey]?.maxVersion ?? -1
  }

  private async refresh(topics: readonly string[] | null): Promise<ClusterMetadata> {
    const found = await this.any(metadata(topics))
    if (found.brokers.length > 0) this.addresses.clear()
    for (const broker of found.brokers) this.addresses.set(broker.nodeId, broker)
    for (const topic of found.topics) this.topics.set(topic.topic, topic)
    this.controllerId = found.controllerId
    this.id ??= found.clusterId ?? undefined
    return found
  }

  private wire({ host, port }: { host: string; port: number }, lane: Lane): Wire {
    const name = `${host}:${port}/${lane}`
    let wire = this.wires.get(name)
    if (wire === undefined) {
      wire = new Wire(this.config, this.logger, host, port)
      this.wires.set(name, wire)
    }
    return wire
  }

  private seeds(): { host: string; port: number }[] {
    return this.config.brokers.map(broker => {
      const colon = broker.lastIndexOf(':')
      return { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) }
    })
  }

  /** What the node was known to coordinate and to lead may be another's by now. */
  private distrust(node: number): void {
    for (const [name, id] of this.coordinators) if (id === node) this.coordinators.delete(name)
    for (const [name, { partitions }] of this.topics)
      if (partitions.some(({ leader }) => leader === node)) this.topics.delete(name)
  }
}
