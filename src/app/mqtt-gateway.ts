import { duration } from '../codecs/duration'
import { mqttTargets } from '../connectors/mqtt/mqtt-end'
import type { RequestListener } from '../connectors/mqtt/request-listener'
import { responseTopics, usualResponsePrefix } from '../connectors/mqtt/response-topics'
import type { Target } from '../connectors/sink'
import type { Queries, Topology } from '../dsl/graph'
import type { Asker } from '../engine/queries/asker'
import { StreamError, UsageError } from '../errors'
import type { Log } from '../log'
import type { Outages } from '../outages'
import { itemAt } from '../required'

export interface MqttGatewayOptions {
  readonly topology: Topology
  readonly url: string
  /** Opens what asks the workers, this one included; called at the first request. */
  readonly open: () => Promise<Asker>
  /** The topology's own: no answer is sent to their topics. */
  readonly targets: readonly Target[]
  readonly log: Log
  readonly outages: Outages
}

/** What a request's payload may say. */
interface Wish {
  readonly window?: string
  /** `1h`, or seconds. */
  readonly range?: string | number
}

/**
 * Answers MQTT 5 requests on the topology's own topic (`sensors/7/get`) by asking over Kafka whoever owns the key; all workers
 * share the requests. Undefined where the topology declares no such topic.
 */
export function startMqttGateway(options: MqttGatewayOptions): RequestListener | undefined {
  const { topology, url, log, outages, targets } = options
  const { queries, name } = topology
  if (queries?.mqtt === undefined) return undefined
  const { mqtt, key, mqttReplies = usualResponsePrefix } = queries
  const gateway = new Gateway({ ...queries, mqtt }, options)
  // Loaded where a topology answers by MQTT: others run without the client.
  const { listenForRequests } =
    require('../connectors/mqtt/request-listener') as typeof import('../connectors/mqtt/request-listener')
  const listener = listenForRequests({
    ...{ url, share: name, filter: mqtt.replace(`{${key}}`, '+'), log, outages },
    replyFault: responseTopics({ prefix: mqttReplies, own: [mqtt, ...mqttTargets(targets).map(each => each.topic)] }),
    handle: (topic, payload) => gateway.handle(topic, payload),
  })
  return {
    async close() {
      await listener.close()
      await gateway.close()
    },
  }
}

class Gateway {
  private asker: Promise<Asker> | undefined
  private readonly level: number

  constructor(
    private readonly queries: Queries & { readonly mqtt: string },
    private readonly options: MqttGatewayOptions,
  ) {
    this.level = queries.mqtt.split('/').indexOf(`{${queries.key}}`)
  }

  /** The answer, or what is wrong with the request, as JSON. */
  async handle(topic: string, payload: Buffer): Promise<Buffer> {
    try {
      const { key: name, stores } = this.queries
      const key = decoded(itemAt(topic.split('/'), this.level))
      const { window = itemAt(Object.keys(stores), 0), range } = wishOf(payload)
      const store = Object.hasOwn(stores, window) ? stores[window] : undefined
      if (store === undefined) throw new UsageError(`window "${window}" is none of ${Object.keys(stores).join(', ')}`)
      const asker = await this.open()
      const rangeMs = range === undefined ? undefined : duration(String(range))
      const { entries, streamTime } = await asker.ask({
        store,
        key: asker.keyOf(store, key),
        ...(rangeMs && { rangeMs }),
      })
      return json({ [name]: key, window, streamTime, entries })
    } catch (error) {
      if (!(error instanceof StreamError)) this.options.log.error({ err: error }, `MQTT request to ${topic}`)
      return json({ error: (error as Error).message })
    }
  }

  async close(): Promise<void> {
    await this.asker?.then(asker => asker.close()).catch(() => undefined)
  }

  private open(): Promise<Asker> {
    this.asker ??= this.options.open().catch(error => {
      this.asker = undefined
      throw error
    })
    return this.asker
  }
}

/** What `topicValue` made of a key. */
function decoded(level: string): string {
  try {
    return level === '%' ? '' : decodeURIComponent(level)
  } catch {
    throw new UsageError(`"${level}" is no key: % stands before two hexadecimal digits`)
  }
}

function wishOf(payload: Buffer): Wish {
  if (payload.length === 0) return {}
  let wish: unknown
  try {
    wish = JSON.parse(payload.toString('utf8'))
  } catch {
    wish = undefined
  }
  if (typeof wish === 'object' && wish !== null && !Array.isArray(wish)) return wish
  throw new UsageError('the payload is empty or JSON: {"window": "1m", "range": "1h"}')
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value))
