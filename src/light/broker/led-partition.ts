import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Partition } from '../cluster/partition'
import type { Topic } from '../cluster/topics'
import type { Call } from './serve'

/** A client that doesn't know which epoch the leader has. */
const ANY_EPOCH = -1

/** The partition, where the node leads it and the client doesn't know another epoch of it; else the error code. */
export function ledPartition(
  topic: Topic | undefined,
  index: number,
  call: Call,
  epoch = ANY_EPOCH,
): Partition | number {
  const partition = topic?.partitions[index]
  if (partition === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  if (partition.leader !== call.node) return ErrorCode.NOT_LEADER_OR_FOLLOWER
  if (epoch === ANY_EPOCH || epoch === partition.leaderEpoch) return partition
  return epoch < partition.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
}
