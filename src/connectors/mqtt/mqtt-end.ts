import { ConfigError } from '../../errors'
import type { Finding } from '../finding'
import type { End, Target } from '../sink'
import { type MqttOptions, type MqttTarget, mqttTarget } from './mqtt-target'

/** MQTT brokers: at least once, proven by a barrier or by acknowledgements. */
const mqttEnd: End<MqttTarget> = {
  kind: 'mqtt',
  guarantee: 'at_least_once',
  connect(targets, { url, ...settings }) {
    if (url === undefined) throw new ConfigError('MQTT_URL: it has to say where the MQTT broker is')
    // The client library is loaded only when a worker connects: describing and testing a topology don't need it.
    const { createMqttSink } = require('./mqtt-sink') as typeof import('./mqtt-sink')
    return createMqttSink(targets, { url, ...settings })
  },
}

/**
 * A target that publishes each record to an MQTT broker, to a topic made of the record. Throws TopologyError.
 *
 * @example
 * readings.to(mqtt({ topic: 'sensors/{sensor_id}', schema: reading }))
 */
export function mqtt<K = unknown, V = unknown>(options: MqttOptions<K, V>): MqttTarget<K, V> {
  return mqttTarget(options, mqttEnd)
}

/** Those of a topology's targets that are MQTT topics. */
export const mqttTargets = (targets: readonly Target[]): MqttTarget[] =>
  targets.filter((target): target is MqttTarget => target.end === mqttEnd)

/** Connects once to a broker and compares what it can do with what targets need; the client library is loaded for it. Rejects as `connectOnce` does. */
export function inspectMqtt(url: string, targets: readonly MqttTarget[], timeoutMs: number): Promise<Finding[]> {
  const { inspectBroker } = require('./inspect-broker') as typeof import('./inspect-broker')
  return inspectBroker(url, targets, timeoutMs)
}
