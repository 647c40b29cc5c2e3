import type { Api } from './api'
import type { NamedError } from './change-topics'

const TOPIC = 2
/** As the length of the list of settings. */
const ALL = -1
/** Length of a list of one. */
const ONE = 1
const SET = 0
const DELETE = 1
const WITH_SYNONYMS = false
const VALIDATE_ONLY = false
const SOURCES = ['unknown', 'topic', 'broker', 'cluster', 'server', 'default'] as const

export interface TopicConfig {
  readonly name: string
  /** Null for what Kafka keeps secret. */
  readonly value: string | null
  /** Who set it: the topic itself, a broker's or the cluster's dynamic setting, server.properties, or nobody. */
  readonly source: (typeof SOURCES)[number]
}

/** DescribeConfigs v1: the settings of the topics that are named, or every one, and who set it. */
export function topicConfigs(
  topics: readonly string[],
  settings?: readonly string[],
): Api<(NamedError & { configs: TopicConfig[] })[]> {
  return {
    key: 32,
    version: 1,
    name: 'DescribeConfigs',
    write: to => {
      to.array(topics, topic => {
        to.int8(TOPIC).string(topic)
        if (settings === undefined) to.int32(ALL)
        else to.array(settings, name => to.string(name))
      })
      to.boolean(WITH_SYNONYMS)
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => {
        const errorCode = from.int16()
        const detail = from.nullableString()
        from.skip('resourceType', 'int8')
        const name = from.string()
        const configs = from.array(() => {
          const name = from.string()
          const value = from.nullableString()
          from.skip('readOnly', 'boolean')
          const source = SOURCES[from.int8()] ?? 'unknown'
          from.skip('isSensitive', 'boolean')
          from.array(() => {
            from.skip('synonymName', 'string')
            from.skip('synonymValue', 'nullableString')
            from.skip('synonymSource', 'int8')
          })
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
      to.int32(ONE).int8(TOPIC).string(topic)
      to.array(Object.entries(changes), ([key, value]) => {
        to.string(key)
          .int8(value === null ? DELETE : SET)
          .string(value)
      })
      to.boolean(VALIDATE_ONLY)
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => {
        const errorCode = from.int16()
        const detail = from.nullableString()
        from.skip('resourceType', 'int8')
        return { name: from.string(), errorCode, detail }
      })
    },
  }
}
