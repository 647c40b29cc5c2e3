import type { Api } from './api'
import type { NamedError } from './change-topics'

const TOPIC = 2
const SOURCES = ['unknown', 'topic', 'broker', 'cluster', 'server', 'default'] as const

export interface TopicConfig {
  readonly name: string
  /** Null for what Kafka keeps secret. */
  readonly value: string | null
  /** Who set it: the topic itself, a broker's or the cluster's dynamic setting, server.properties, or nobody. */
  readonly source: (typeof SOURCES)[number]
}

/** DescribeConfigs v1: every setting of the topics, and who set it. */
export function topicConfigs(topics: readonly string[]): Api<(NamedError & { configs: TopicConfig[] })[]> {
  return {
    key: 32,
    version: 1,
    name: 'DescribeConfigs',
    write: to => to.array(topics, topic => to.int8(TOPIC).string(topic).int32(-1)).boolean(false),
    read: from => {
      from.int32()
      return from.array(() => {
        const errorCode = from.int16()
        const detail = from.nullableString()
        from.int8()
        const name = from.string()
        const configs = from.array(() => {
          const name = from.string()
          const value = from.nullableString()
          from.boolean()
          const source = SOURCES[from.int8()] ?? 'unknown'
          from.boolean()
          from.array(() => [from.string(), from.nullableString(), from.int8()])
          return { name, value, source }
        })
        return { name, errorCode, detail, configs }
      })
    },
  }
}

/** IncrementalAlterConfigs v0 (Kafka 2.3): sets (a string) or resets (null) settings of a topic; all others stay. */
export function alterTopicConfig(topic: string, changes: Readonly<Record<string, string | null>>): Api<NamedError[]> {
  return {
    key: 44,
    version: 0,
    name: 'IncrementalAlterConfigs',
    write: to => {
      to.int32(1).int8(TOPIC).string(topic)
      to.array(Object.entries(changes), ([key, value]) => {
        to.string(key)
          .int8(value === null ? 1 : 0)
          .string(value)
      })
      to.boolean(false)
    },
    read: from => {
      from.int32()
      return from.array(() => {
        const errorCode = from.int16()
        const detail = from.nullableString()
        from.int8()
        return { name: from.string(), errorCode, detail }
      })
    },
  }
}
