import type { GroupHold } from '../../connectors/group-hold'
import type { Output, OutputRecord } from '../../connectors/ledger'
import type { TopicPartition } from '../../connectors/source'

/** Bytes that are gathered before they are sent. */
const mostBytes = 4 * 1024 * 1024

/** Gathers records by partition and sends them in one transaction, with bounded memory. */
export class Outbound {
  private byPartition = new Map<string, Output & { readonly records: OutputRecord[] }>()
  private bytes = 0

  constructor(private readonly hold: GroupHold) {}

  add({ topic, partition }: TopicPartition, record: OutputRecord): void {
    const at = `${topic}/${partition}`
    const known = this.byPartition.get(at) ?? { topic, partition, records: [] }
    known.records.push(record)
    this.byPartition.set(at, known)
    this.bytes += 64 + (record.key?.length ?? 0) + (record.value?.length ?? 0)
  }

  /** Sends when enough has gathered. */
  async pace(): Promise<void> {
    if (this.bytes > mostBytes) await this.flush()
  }

  async flush(): Promise<void> {
    const outputs = [...this.byPartition.values()]
    this.byPartition = new Map()
    this.bytes = 0
    if (outputs.length > 0) await this.hold.send(outputs)
  }
}
