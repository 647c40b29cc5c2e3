import { type AdminBroker, type Api, adminCall } from './admin-call'
import { check } from './admin-error'

const DESCRIBE: Api = { name: 'DescribeConfigs', key: 32, min: 1, max: 3, flexibleFrom: 4 }
const ALTER: Api = { name: 'IncrementalAlterConfigs', key: 44, min: 0, max: 0, flexibleFrom: 1 }
const TOPIC = 2
const SOURCES = ['unknown', 'topic', 'broker', 'cluster', 'server', 'default', 'logger', 'client', 'group'] as const

export interface TopicConfig {
  readonly name: string
  /** Null for what Kafka keeps secret. */
  readonly value: string | null
  /** Who set it: the topic itself, a broker's dynamic setting, its server.properties, or nobody. */
  readonly source: (typeof SOURCES)[number]
}

/** The configuration of topics: every setting and who set it. */
export async function readTopicConfigs(
  broker: AdminBroker,
  topics: readonly string[],
): Promise<Map<string, TopicConfig[]>> {
  const found = await adminCall(
    broker,
    DESCRIBE,
    (to, version) => {
      to.array(topics, name =>
        to
          .int8(TOPIC)
          .string(name)
          .array<string>(null, () => undefined),
      ).bool(false)
      if (version >= 3) to.bool(false)
    },
    (from, version) => {
      from.int32()
      return from.structs((): [string, TopicConfig[]] => {
        const error = from.int16()
        const detail = from.nullableString()
        from.int8()
        const topic = from.string()
        check(error, `read the configuration of topic "${topic}"`, detail)
        const configs = from.structs(() => {
          const name = from.string()
          const value = from.nullableString()
          from.bool()
          const source = SOURCES[from.int8()] ?? 'unknown'
          from.bool()
          from.structs(() => [from.string(), from.nullableString(), from.int8()])
          if (version >= 3) [from.int8(), from.nullableString()]
          return { name, value, source }
        })
        return [topic, configs]
      })
    },
  )
  return new Map(found)
}

/** Sets (a string) or resets (null) single settings of a topic and leaves all others as they are. */
export async function alterTopicConfig(
  broker: AdminBroker,
  topic: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<void> {
  await adminCall(
    broker,
    ALTER,
    to => {
      to.array([topic], name => {
        to.int8(TOPIC).string(name)
        to.array(Object.entries(changes), ([key, value]) =>
          to
            .string(key)
            .int8(value === null ? 1 : 0)
            .string(value),
        )
      })
      to.bool(false)
    },
    from => {
      from.int32()
      from.structs(() => {
        const error = from.int16()
        const detail = from.nullableString()
        from.int8()
        from.string()
        check(error, `configure topic "${topic}"`, detail)
      })
    },
  )
}
