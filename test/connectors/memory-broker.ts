import type { Broker, Group, GroupEvents, TopicNeed } from '../../src/connectors/broker'
import type { GroupHold } from '../../src/connectors/group-hold'
import type { Membership, OpenLedger, Output, OutputRecord } from '../../src/connectors/ledger'
import type { Reader, TopicPartition } from '../../src/connectors/source'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'
import { MemoryLedger } from '../../src/testing/memory-ledger'
import { MemoryReader } from './memory-reader'

/** A Kafka in one process: logs, readers, producers, one ledger, and a group that has one member. */
export class MemoryBroker implements Broker {
  /** Called before a record is written; false loses it. */
  onWrite: (topic: string, record: OutputRecord) => boolean = () => true
  failing: Error | undefined
  /** Holds a producer's send up until what it gives is done. */
  beforeSend: (topic: string, partition: number) => Promise<void> | undefined = () => undefined
  readonly kafka = new MemoryKafka(1)
  readonly ledger: MemoryLedger
  private readonly topics: Map<string, number>
  private readonly readers = new Set<MemoryReader>()

  /** `ledgerOf`: another ledger than the usual one, to see that a fault of it is found. */
  constructor(
    topics: Readonly<Record<string, number>>,
    ledgerOf = (kafka: MemoryKafka): MemoryLedger => new MemoryLedger(kafka),
  ) {
    this.topics = new Map(Object.entries(topics))
    this.ledger = ledgerOf(this.kafka)
    this.kafka.onAppend = () => {
      for (const reader of this.readers) reader.onReady?.()
    }
  }

  log = (at: TopicPartition) => this.kafka.records(at)

  write(at: TopicPartition, record: OutputRecord): void {
    if (this.onWrite(at.topic, record)) this.kafka.append(at, record)
  }

  /** The one member is assigned everything, whenever it joins. */
  joinGroup = (events: GroupEvents): Group => {
    let membership: Membership | undefined
    const memberId = 'member'
    const join = async () => {
      const topics = events.topics()
      const counts = await this.partitionCounts(topics)
      const member = { memberId, topics, userData: events.assignor.userData() }
      const { partitions, userData } = events.assignor.assign([member], counts).get(memberId)!
      membership = { groupId: 'group', memberId, generationId: (membership?.generationId ?? 0) + 1 }
      const assigned = Object.entries(partitions).flatMap(([topic, all]) =>
        all.map(partition => ({ topic, partition })),
      )
      events.onAssigned({ partitions: assigned, userData }, membership)
    }
    setImmediate(join)
    return {
      rejoin: () => void events.onRevoke().then(join),
      expectRebalance: () => {},
      leave: async () => {},
    }
  }

  openLedger: OpenLedger = (membership, partitions) => this.ledger.open(membership, partitions)

  holdGroup = async (): Promise<GroupHold> => {
    let sent: Output[] = []
    return {
      send: async outputs => void sent.push(...outputs),
      commit: async offsets => {
        // As Kafka has it: INVALID_TXN_STATE.
        if (sent.length === 0 && offsets.length === 0) throw new Error('no transaction has begun')
        await this.ledger.commit(offsets, sent)
        sent = []
      },
      release: async () => {
        sent = []
      },
    }
  }

  createReader = (): Reader => {
    const reader: MemoryReader = new MemoryReader(this.log, () => this.readers.delete(reader))
    this.readers.add(reader)
    return reader
  }

  createProducer = () => ({
    send: async (topic: string, partition: number, records: readonly OutputRecord[]) => {
      if (this.failing) throw this.failing
      await this.beforeSend(topic, partition)
      await new Promise(setImmediate)
      for (const record of records) this.write({ topic, partition }, record)
      return { baseOffset: 0 }
    },
    close: async () => {},
  })

  async *readPartition(at: TopicPartition, from = 0, to = Number.POSITIVE_INFINITY) {
    const records = this.log(at).slice(from, to)
    if (records.length > 0) yield batchOf(at, records)
  }

  committedOffsets = async (all: readonly TopicPartition[]) => all.map(at => this.ledger.committed(at)?.offset ?? 0)

  partitionStates = async (all: readonly TopicPartition[]) =>
    all.map(({ topic, partition }) => ({
      ...{ topic, partition, highWatermark: this.log({ topic, partition }).length },
      committed: this.ledger.committed({ topic, partition })?.offset ?? 0,
    }))

  partitionCounts = async (topics: readonly string[] = [...this.topics.keys()]) =>
    new Map([...this.topics].filter(([topic]) => topics.includes(topic)))

  ensureTopics = async (needs: readonly TopicNeed[]) => {
    for (const { topic, partitions } of needs) this.topics.set(topic, partitions)
  }

  startOffset = async () => 0
  stableOffset = async (at: TopicPartition) => this.log(at).length
  endOffset = async (at: TopicPartition) => this.log(at).length
  offsetSince = async (at: TopicPartition, timeMs: number) => {
    const found = this.log(at).findIndex(({ timestamp }) => timestamp >= timeMs)
    return found < 0 ? this.log(at).length : found
  }

  partitionOf = (key: Buffer | null, partitions: number) =>
    key === null ? 0 : key.reduce((a, b) => a + b, 0) % partitions
  topicConfigs = async () => new Map()
  unwritable = async () => new Set<string>()
  topicIds = async (topics: readonly string[]) => new Map(topics.map(topic => [topic, `id of ${topic}`]))
  clusterId = async () => 'memory'
  memberCount = async () => 0
  deleteRecordsBefore = async () => {}
  deleteTopics = async () => {}
  close = async () => {}
}
