import type { Assignor, MemberAssignment } from '../../broker'
import type { TopicPartition } from '../../source'
import { ByteReader } from '../protocol/byte-reader'
import { ByteWriter } from '../protocol/byte-writer'

const VERSION = 0
const NOTHING = Buffer.alloc(0)

/** ConsumerProtocolSubscription v0: what kafka-consumer-groups.sh understands. */
export function encodeSubscription(topics: readonly string[], userData: Buffer): Buffer {
  const to = new ByteWriter().int16(VERSION)
  return to.array(topics, topic => to.string(topic)).bytes(userData).buffer
}

export function decodeSubscription(bytes: Buffer): { topics: string[]; userData: Buffer } {
  const from = new ByteReader(bytes)
  from.skip('version', 'int16')
  return { topics: from.array(() => from.string()), userData: from.bytes() }
}

/** ConsumerProtocolAssignment v0. */
export function encodeAssignment({ partitions, userData }: MemberAssignment): Buffer {
  const to = new ByteWriter().int16(VERSION)
  return to
    .array(Object.entries(partitions), ([topic, numbers]) => {
      to.string(topic).array(numbers, number => to.int32(number))
    })
    .bytes(userData).buffer
}

/** A member without work gets no bytes at all. */
export function decodeAssignment(bytes: Buffer): { partitions: TopicPartition[]; userData: Buffer } {
  if (bytes.length === 0) return { partitions: [], userData: NOTHING }
  const from = new ByteReader(bytes)
  from.skip('version', 'int16')
  const partitions = from
    .array(() => {
      const topic = from.string()
      return from.array(() => ({ topic, partition: from.int32() }))
    })
    .flat()
  return { partitions, userData: from.bytes() }
}

/** Contiguous ranges of partition numbers: the same number of all topics goes to the same member. */
export const rangeAssignor: Assignor = {
  name: 'weir-range',
  userData: () => NOTHING,
  assign(members, partitionCounts) {
    const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
    const most = Math.max(0, ...partitionCounts.values())
    const share = Math.ceil(most / sorted.length)
    return new Map(
      sorted.map(({ memberId }, i) => {
        const partitions: Record<string, number[]> = {}
        for (const [topic, count] of partitionCounts)
          for (let p = i * share; p < Math.min((i + 1) * share, count); p++) {
            partitions[topic] ??= []
            partitions[topic].push(p)
          }
        return [memberId, { partitions, userData: NOTHING }]
      }),
    )
  },
}
