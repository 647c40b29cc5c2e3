import { ConfigError } from '../../errors'
import type { Finding } from '../finding'
import type { End, EndSettings, Target } from '../sink'
import { type MqttOptions, type MqttTarget, mqttTarget } from './mqtt-target'

/** MQTT brokers: at least once, proven by a barrier or by acknowledgements. */
const mqttEnd: End<MqttTarget> = {
  kind: 'mqtt',
  guarantee: 'at_least_once',
  connect(targets, settings) {
    // The client library is loaded only when a worker connects: describing and testing a topology don't need it.
    const { createMqttSink } = require('./mqtt-sink') as typeof import('./mqtt-sink')
    return createMqttSink(targets, { ...settings, url: urlOf(settings) })
  },
}

/** MQTT topics of which only the latest value is sent: no commit waits for them. */
const liveEnd: End<MqttTarget> = {
  kind: 'mqtt-live',
  guarantee: 'latest',
  connect(targets, settings) {
    const { LiveSink } = require('./live/live-sink') as typeof import('./live/live-sink')
    return new LiveSink(targets, { ...settings, url: urlOf(settings) })
  },
}

function urlOf({ url }: EndSettings): string {
  if (url === undefined) throw new ConfigError('MQTT_URL: it has to say where the MQTT broker is')
  return url
}

/**
 * A target that publishes each record to an MQTT broker, to a topic made of the record; a null value clears a topic that is retained. Throws TopologyError.
 *
 * @example
 * readings.to(mqtt({ topic: 'sensors/{sensor_id}', schema: reading }))
 */
export function mqtt<K = unknown, V = unknown, R extends boolean = boolean>(
  options: MqttOptions<K, V> & { readonly retain?: R },
): MqttTarget<K, [R] extends [true] ? V | null : V> {
  // biome-ignore lint/suspicious/noExplicitAny: whether null is of the type follows from the options
  return mqttTarget<K, any>(options, options?.conflate ? liveEnd : mqttEnd)
}

/** Those of a topology's targets that are MQTT topics. */
export const mqttTargets = (targets: readonly Target[]): MqttTarget[] =>
  targets.filter((target): target is MqttTarget => isMqtt(target.end))

/** Whether ends of this kind are at the broker that MQTT_URL names. */
export const isMqtt = (end: End): boolean => end === mqttEnd || end === liveEnd

/** Connects once to a broker and compares what it can do with what targets need; the client library is loaded for it. Rejects as `connectOnce` does. */
export function inspectMqtt(url: string, targets: readonly MqttTarget[], timeoutMs: number): Promise<Finding[]> {
  const { inspectBroker } = require('./inspect-broker') as typeof import('./inspect-broker')
  return inspectBroker(url, targets, timeoutMs)
}
