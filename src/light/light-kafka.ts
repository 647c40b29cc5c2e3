import { type Between, straight } from './broker/between'
import { LightNode } from './broker/light-node'
import { Cluster, type ClusterSettings } from './cluster/cluster'
import { CoordinatorKind } from './cluster/coordinators'
import { forgetful, type Keeper } from './world/keeper'
import type { Clock, Network } from './world/world'

export interface LightOptions extends Partial<ClusterSettings> {
  readonly clock: Clock
  readonly network: Network
  /** One node a port; 0 is any free one. A single node on any port where left out. */
  readonly ports?: readonly number[]
  readonly host?: string
  /** Told what a client sent that is no request of Kafka's. */
  readonly onFault?: (text: string) => void
  /** Stands between clients and nodes, as a simulation of faults does. */
  readonly between?: Between
  /** Where the cluster is kept (see `Folder`), asked for at each beginning of it; it is gone with the process where this is left out. */
  readonly keeper?: () => Keeper
}

/** As Kafka 4 has them, but for what only a cluster of machines needs. */
export const usual: ClusterSettings = {
  clusterId: 'light-kafka-in-memory',
  partitions: 1,
  replicas: 1,
  autoCreateTopics: false,
  maxTransactionTimeoutMs: 900_000,
  markerDelayMs: () => 0,
  losesMarkers: () => false,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  producerExpirationMs: 86_400_000,
  cleanEveryMs: 300_000,
}

/**
 * A Kafka broker in this process that speaks Kafka's wire protocol: for first steps, tests and simulation. Everything is in
 * memory, in one copy, and in a folder beside it where it is to outlive the process: it is neither durable (nothing is forced to a disk)
 * nor replicated, and makes no claim to be fast. Time, network and folder come from outside, and nothing in it is left to chance: the
 * same requests at the same times get the same answers.
 *
 * @example
 * const kafka = await LightKafka.start({ clock: realClock, network: tcp })
 * const client = new Kafka({ brokers: kafka.brokers })
 */
export class LightKafka {
  private readonly nodes = new Map<number, LightNode>()

  private constructor(
    private readonly begin: () => Cluster,
    private readonly nodeFor: (id: number, cluster: Cluster) => LightNode,
    private current = begin(),
  ) {}

  /** Resolves when all nodes listen. Rejects where a port can't be had; nothing listens then. */
  static async start(options: LightOptions): Promise<LightKafka> {
    const { clock, network, ports = [0], host = '127.0.0.1', ...others } = options
    const { onFault = () => {}, between = straight, keeper = () => forgetful, ...settings } = others
    const light = new LightKafka(
      () => new Cluster({ ...usual, ...settings }, clock, keeper()),
      (id, cluster) => new LightNode(id, host, cluster, network, onFault, between),
    )
    try {
      for (const [i, port] of ports.entries()) {
        const node = light.nodeFor(i + 1, light.cluster)
        light.nodes.set(node.id, node)
        light.cluster.addNode({ id: node.id, host, port: await node.listen(port) })
      }
    } catch (error) {
      await light.close()
      throw error
    }
    return light
  }

  /** What all nodes know; another one after a crash. */
  get cluster(): Cluster {
    return this.current
  }

  /** `host:port` of every node. */
  get brokers(): string[] {
    return this.cluster.nodes.all.map(({ host, port }) => `${host}:${port}`)
  }

  /** Cuts a node off: its connections break, other replicas lead its partitions, other nodes coordinate. */
  async stop(id: number): Promise<void> {
    const node = this.nodeOf(id)
    this.cluster.setUp(id, false)
    await node.close()
  }

  /** Brings a stopped node back, on its port. */
  async restart(id: number): Promise<void> {
    const node = this.nodeOf(id)
    const { port } = this.cluster.nodes.all.find(each => each.id === id) ?? { port: 0 }
    await node.listen(port)
    this.cluster.setUp(id, true)
  }

  /** All nodes are killed at once: what was kept is what is left. Each is to be restarted. */
  crash(): void {
    const known = this.cluster.nodes.all
    for (const node of this.nodes.values()) void node.close()
    this.current = this.begin()
    for (const node of known) {
      this.cluster.addNode(node)
      this.nodes.set(node.id, this.nodeFor(node.id, this.cluster))
    }
    for (const { id } of known) this.cluster.setUp(id, false)
  }

  /** Makes another replica lead a partition, in a new epoch. Throws RangeError where the node has none that is up. */
  moveLeader(topic: string, partition: number, node: number): void {
    this.cluster.moveLeader(topic, partition, node)
  }

  /** Puts another node in charge of a group or of a transactional id. */
  moveCoordinator(kind: 'group' | 'transaction', key: string, node: number): void {
    this.nodeOf(node)
    this.cluster.moveCoordinator(kind === 'group' ? CoordinatorKind.GROUP : CoordinatorKind.TRANSACTION, key, node)
  }

  /** Keeps the last record of each key of a topic, as the cleaner of a compacted topic does when it comes round; deletions go at once. */
  compact(topic: string): void {
    for (const { log } of this.cluster.topics.get(topic)?.partitions ?? [])
      log.compact({ now: this.cluster.clock.now(), tombstoneMs: 0, lagMs: 0 })
  }

  async close(): Promise<void> {
    await Promise.all([...this.nodes.values()].map(node => node.close()))
  }

  private nodeOf(id: number): LightNode {
    const node = this.nodes.get(id)
    if (node === undefined) throw new RangeError(`there is no node ${id}`)
    return node
  }
}
