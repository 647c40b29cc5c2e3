import type { CommittedOffset, Membership } from '../../ledger'
import type { TopicPartition } from '../../source'
import type { Api } from './api'
import { byTopic, type PartitionError, readPartitionErrors } from './by-topic'

/** Of a static member (KIP-345). */
const NO_INSTANCE = null
/** Of the partition's leader when the offset was read. */
const UNKNOWN_EPOCH = -1

/** Who writes: what the broker fences by. */
export interface ProducerIdentity {
  readonly transactionalId: string | null
  readonly producerId: number
  readonly epoch: number
}

/** A producer that may write in transactions. */
export interface TransactionalIdentity extends ProducerIdentity {
  readonly transactionalId: string
}

/** InitProducerId v1: with a transactional id it raises the epoch and aborts what a former holder left open. */
export function initProducerId(
  transactionalId: string | null,
  timeoutMs: number,
): Api<{ errorCode: number; producerId: number; epoch: number }> {
  return {
    key: 22,
    version: 1,
    name: 'InitProducerId',
    write: to => to.string(transactionalId).int32(timeoutMs),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return { errorCode: from.int16(), producerId: from.int64(), epoch: from.int16() }
    },
  }
}

/** AddPartitionsToTxn v1. */
export function addPartitionsToTxn(id: ProducerIdentity, partitions: readonly TopicPartition[]): Api<PartitionError[]> {
  return {
    key: 24,
    version: 1,
    name: 'AddPartitionsToTxn',
    write: to => {
      to.string(id.transactionalId).int64(id.producerId).int16(id.epoch)
      to.array(byTopic(partitions), ([topic, items]) => {
        to.string(topic).array(items, item => to.int32(item.partition))
      })
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from
        .array(() => {
          const topic = from.string()
          return from.array(() => ({ topic, partition: from.int32(), errorCode: from.int16() }))
        })
        .flat()
    },
  }
}

/** AddOffsetsToTxn v1. */
export function addOffsetsToTxn(id: ProducerIdentity, groupId: string): Api<{ errorCode: number }> {
  return {
    key: 25,
    version: 1,
    name: 'AddOffsetsToTxn',
    write: to => to.string(id.transactionalId).int64(id.producerId).int16(id.epoch).string(groupId),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return { errorCode: from.int16() }
    },
  }
}

/** TxnOffsetCommit v3: the first that the broker checks against the member's generation (KIP-447). */
export function txnOffsetCommit(
  id: ProducerIdentity,
  member: Membership,
  offsets: readonly CommittedOffset[],
): Api<PartitionError[]> {
  return {
    key: 28,
    version: 3,
    name: 'TxnOffsetCommit',
    flexible: true,
    write: to => {
      to.compactString(id.transactionalId).compactString(member.groupId).int64(id.producerId).int16(id.epoch)
      to.int32(member.generationId).compactString(member.memberId).compactString(NO_INSTANCE)
      to.compactArray(byTopic(offsets), ([topic, items]) => {
        to.compactString(topic)
          .compactArray(items, item => {
            to.int32(item.partition)
              .int64(item.offset)
              .int32(UNKNOWN_EPOCH)
              .compactString(item.metadata ?? '')
              .noTags()
          })
          .noTags()
      }).noTags()
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return readPartitionErrors(from)
    },
  }
}

/** EndTxn v1. Sent again after a lost connection it answers as the first time. */
export function endTxn(id: ProducerIdentity, commit: boolean): Api<{ errorCode: number }> {
  return {
    key: 26,
    version: 1,
    name: 'EndTxn',
    write: to => to.string(id.transactionalId).int64(id.producerId).int16(id.epoch).boolean(commit),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return { errorCode: from.int16() }
    },
  }
}
