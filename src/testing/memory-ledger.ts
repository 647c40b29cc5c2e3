import type { CommittedOffset, Ledger, Membership, Output, StartOffset, WrittenOffsets } from '../connectors/ledger'
import type { TopicPartition } from '../connectors/source'
import type { MemoryKafka } from './memory-kafka'

/** Offsets in memory, beside the records: a commit appends and moves both at once. Nobody else is there to be fenced. */
export class MemoryLedger implements Pick<Ledger, 'commit'> {
  private readonly offsets = new Map<string, CommittedOffset>()

  constructor(private readonly kafka: MemoryKafka) {}

  async open(_membership: Membership, partitions: readonly TopicPartition[]): Promise<Ledger> {
    return {
      starts: this.starts(partitions),
      commit: (offsets, outputs) => this.commit(offsets, outputs),
      renew: async (_membership, kept) => this.starts(kept),
      prove: async () => {},
      close: async () => {},
    }
  }

  starts(partitions: readonly TopicPartition[]): StartOffset[] {
    return partitions.map(({ topic, partition }) => {
      const committed = this.committed({ topic, partition })
      return { topic, partition, offset: committed?.offset, metadata: committed?.metadata ?? '' }
    })
  }

  /** What was committed last. */
  committed({ topic, partition }: TopicPartition): CommittedOffset | undefined {
    return this.offsets.get(`${topic}/${partition}`)
  }

  async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]): Promise<WrittenOffsets> {
    const written = outputs.map(({ topic, partition }) => ({
      topic,
      partition,
      baseOffset: this.kafka.records({ topic, partition }).length,
    }))
    for (const output of outputs) for (const record of output.records) this.kafka.append(output, record)
    for (const offset of offsets) this.offsets.set(`${offset.topic}/${offset.partition}`, offset)
    return written
  }
}
