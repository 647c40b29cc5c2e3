import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { SettingType, TopicSettings } from '../cluster/topic-settings'
import type { Topic } from '../cluster/topics'
import { alterConfigs } from '../messages/alter-configs'
import { describeConfigs } from '../messages/describe-configs'
import { incrementalAlterConfigs } from '../messages/incremental-alter-configs'
import { type Call, serve } from './serve'

const TOPIC = 2
const BROKER = 4
/** Who set a value: the topic, server.properties, or nobody. */
const Source = { TOPIC: 1, STATIC: 4, DEFAULT: 5 } as const
const Operation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const

interface Shown {
  readonly name: string
  readonly value: string
  readonly type: number
  readonly source: number
  readonly isReadOnly: boolean
}

export const serveDescribeConfigs = serve(describeConfigs, ({ resources, includeSynonyms }, call) => ({
  results: resources.map(({ resourceType, resourceName, configurationKeys }) => {
    const isWanted = (name: string) => configurationKeys === null || configurationKeys.includes(name)
    const found = shownOf(resourceType, resourceName, call, isWanted)
    const isFault = typeof found === 'number'
    return {
      ...{ errorCode: isFault ? found : 0, errorMessage: null, resourceType, resourceName },
      configs: (isFault ? [] : found).map(({ name, value, type, source, isReadOnly }) => ({
        ...{ name, value, readOnly: isReadOnly, configSource: source, isSensitive: false },
        synonyms: includeSynonyms ? [{ name, value, source }] : [],
        configType: type,
        documentation: null,
      })),
    }
  }),
}))

type IsWanted = (name: string) => boolean

function shownOf(type: number, name: string, { cluster }: Call, isWanted: IsWanted): Shown[] | number {
  if (type === BROKER) {
    const { partitions, replicas, autoCreateTopics, maxTransactionTimeoutMs } = cluster.settings
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = cluster.settings
    const values: readonly (readonly [string, number | boolean | string, number])[] = [
      ['auto.create.topics.enable', autoCreateTopics, SettingType.BOOLEAN],
      ['default.replication.factor', replicas, SettingType.INT],
      ['group.max.session.timeout.ms', maxSessionTimeoutMs, SettingType.INT],
      ['group.min.session.timeout.ms', minSessionTimeoutMs, SettingType.INT],
      ['log.dirs', cluster.keeper.place, SettingType.STRING],
      ['num.partitions', partitions, SettingType.INT],
      ['transaction.max.timeout.ms', maxTransactionTimeoutMs, SettingType.INT],
    ]
    return values
      .filter(([name]) => isWanted(name))
      .map(([name, value, type]) => ({
        ...{ name, value: String(value), type },
        ...{ source: Source.STATIC, isReadOnly: true },
      }))
  }
  if (type !== TOPIC) return ErrorCode.INVALID_REQUEST
  const topic = cluster.topics.get(name)
  if (topic === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  return topic.settings.all(isWanted).map(({ name, value, type, isDefault }) => ({
    ...{ name, value, type, isReadOnly: false },
    source: isDefault ? Source.DEFAULT : Source.TOPIC,
  }))
}

interface Resource {
  readonly resourceType: number
  readonly resourceName: string
}
const answerOf = ({ resourceType, resourceName }: Resource, errorCode: number, errorMessage: string | null = null) => ({
  ...{ errorCode, errorMessage, resourceType, resourceName },
})

/** Gives the topic its settings: 0 and no words, or why not. */
function give(resource: Resource, call: Call, isTrial: boolean, next: (topic: Topic) => Map<string, string>) {
  if (resource.resourceType !== TOPIC)
    return answerOf(
      resource,
      ErrorCode.INVALID_REQUEST,
      'the light broker has no settings that can be changed but those of topics',
    )
  const topic = call.cluster.topics.get(resource.resourceName)
  if (topic === undefined) return answerOf(resource, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const given = next(topic)
  const fault = TopicSettings.faultOf(given)
  if (fault !== undefined) return answerOf(resource, ErrorCode.INVALID_CONFIG, fault)
  if (!isTrial) call.cluster.topics.configure(topic, given)
  return answerOf(resource, 0)
}

export const serveAlterConfigs = serve(alterConfigs, ({ resources, validateOnly }, call) => ({
  responses: resources.map(resource => {
    const given = resource.configs.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]))
    return give(resource, call, validateOnly, () => new Map(given))
  }),
}))

export const serveIncrementalAlterConfigs = serve(incrementalAlterConfigs, ({ resources, validateOnly }, call) => ({
  responses: resources.map(resource =>
    give(resource, call, validateOnly, ({ settings }) => {
      const given = new Map(settings.given)
      for (const { name, configOperation, value } of resource.configs) {
        const list = settings.get(name).split(',').filter(Boolean)
        const named = (value ?? '').split(',')
        if (configOperation === Operation.SET && value !== null) given.set(name, value)
        else if (configOperation === Operation.APPEND) given.set(name, [...new Set([...list, ...named])].join(','))
        else if (configOperation === Operation.SUBTRACT)
          given.set(name, list.filter(each => !named.includes(each)).join(','))
        else given.delete(name)
      }
      return given
    }),
  ),
}))
