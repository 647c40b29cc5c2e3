import type { OutputRecord } from '../connectors/ledger'
import type { Batch, TopicPartition } from '../connectors/source'
import { headersFrom } from '../header-lists'
import { itemAt } from '../required'

export interface LoggedRecord extends OutputRecord, TopicPartition {
  readonly offset: number
}

/** Topics in memory: append-only partitions, and the order in which everything was written. */
export class MemoryKafka {
  /** Every record of every topic, in the order of writing. */
  readonly log: LoggedRecord[] = []
  /** Called after each record that was written. */
  onAppend: (() => void) | undefined
  private readonly partitions = new Map<string, LoggedRecord[]>()

  constructor(readonly partitionCount: number) {}

  append({ topic, partition }: TopicPartition, record: OutputRecord): LoggedRecord {
    const records = this.records({ topic, partition })
    const logged = { ...record, topic, partition, offset: records.length }
    records.push(logged)
    this.log.push(logged)
    this.onAppend?.()
    return logged
  }

  records({ topic, partition }: TopicPartition): LoggedRecord[] {
    const at = `${topic}/${partition}`
    let records = this.partitions.get(at)
    if (records === undefined) this.partitions.set(at, (records = []))
    return records
  }
}

/** Records as a batch, as the reader would give it. */
export function batchOf({ topic, partition }: TopicPartition, records: readonly LoggedRecord[]): Batch {
  const parts: Buffer[] = []
  const count = records.length
  const ranges = () => new Int32Array(count)
  const [keyStart, keyEnd, valueStart, valueEnd] = [ranges(), ranges(), ranges(), ranges()]
  let bytes = 0
  const put = (part: Buffer | null, starts: Int32Array, ends: Int32Array, i: number) => {
    starts[i] = part === null ? -1 : bytes
    if (part === null) return
    parts.push(part)
    ends[i] = bytes += part.length
  }
  records.forEach((record, i) => {
    put(record.key, keyStart, keyEnd, i)
    put(record.value, valueStart, valueEnd, i)
  })
  return {
    topic,
    partition,
    count,
    buffer: Buffer.concat(parts),
    offsets: Float64Array.from(records, record => record.offset),
    timestamps: Float64Array.from(records, record => record.timestamp),
    keyStart,
    keyEnd,
    valueStart,
    valueEnd,
    nextOffset: count === 0 ? 0 : itemAt(records, count - 1).offset + 1,
    bytes,
    headers: i => {
      const { headers, headerList } = itemAt(records, i)
      return headerList === undefined ? headers : headersFrom(headerList)
    },
  }
}
