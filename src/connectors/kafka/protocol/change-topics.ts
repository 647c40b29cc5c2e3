import type { Api } from './api'

export interface NewTopic {
  readonly topic: string
  /** -1, here and for `replication`: the broker's own default. */
  readonly partitions: number
  readonly replication: number
  readonly config: Readonly<Record<string, string>>
}

/** What the broker answered for one topic or group. */
export interface NamedError {
  readonly name: string
  readonly errorCode: number
  /** The broker's own words, where the API has them. */
  readonly detail: string | null
}

/** Length of a list of one. */
const ONE = 1
/** Which brokers have the partitions is the controller's choice. */
const NO_PLACEMENT = 0
const ANY_PLACEMENT = -1
const VALIDATE_ONLY = false

/** CreateTopics v4 (Kafka 2.4), asked of the controller. */
export function createTopic(topic: NewTopic, timeoutMs: number): Api<NamedError[]> {
  return {
    key: 19,
    version: 4,
    name: 'CreateTopics',
    holdMs: timeoutMs,
    write: to => {
      to.int32(ONE).string(topic.topic).int32(topic.partitions).int16(topic.replication).int32(NO_PLACEMENT)
      to.array(Object.entries(topic.config), ([key, value]) => to.string(key).string(value))
      to.int32(timeoutMs).boolean(VALIDATE_ONLY)
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => ({ name: from.string(), errorCode: from.int16(), detail: from.nullableString() }))
    },
  }
}

/** DeleteTopics v1, asked of the controller. */
export function deleteTopics(topics: readonly string[], timeoutMs: number): Api<NamedError[]> {
  return {
    key: 20,
    version: 1,
    name: 'DeleteTopics',
    holdMs: timeoutMs,
    write: to => to.array(topics, topic => to.string(topic)).int32(timeoutMs),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => ({ name: from.string(), errorCode: from.int16(), detail: null }))
    },
  }
}

/** CreatePartitions v1, asked of the controller: `count` in all. Kafka can only add partitions. */
export function growTopic(topic: string, count: number, timeoutMs: number): Api<NamedError[]> {
  return {
    key: 37,
    version: 1,
    name: 'CreatePartitions',
    holdMs: timeoutMs,
    write: to => to.int32(ONE).string(topic).int32(count).int32(ANY_PLACEMENT).int32(timeoutMs).boolean(VALIDATE_ONLY),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => ({ name: from.string(), errorCode: from.int16(), detail: from.nullableString() }))
    },
  }
}

/** DeleteGroups v1, asked of the group's coordinator: the group and all its offsets. */
export function deleteGroup(group: string): Api<NamedError[]> {
  return {
    key: 42,
    version: 1,
    name: 'DeleteGroups',
    write: to => to.array([group], name => to.string(name)),
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => ({ name: from.string(), errorCode: from.int16(), detail: null }))
    },
  }
}
