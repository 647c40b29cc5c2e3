import type { Target } from '../../../src/connectors/sink'
import { mqtt } from '../../../src/index'
import { MQTT_PORT } from '../world/virtual-network'
import type { LiveTopics } from './live-end'

export const MQTT_URL = `mqtt://127.0.0.1:${MQTT_PORT}`

const field = (name: string, type: string) => ({ name, type })
const fields = {
  live: [field('id', 'int'), field('group', 'string'), field('value', 'double')],
  'live-windows': [field('count', 'int'), field('sum', 'double')],
} as const

export const MQTT_TOPICS = Object.keys(fields) as readonly (keyof typeof fields)[]

/** The topology's live topics by weir's own MQTT connector. */
export class MqttEnd implements LiveTopics {
  constructor(private readonly qos: 0 | 1) {}

  topic<K, V>(name: keyof typeof fields): Target<K, V> {
    const json = { type: 'record' as const, name: name.replace('-', '_'), fields: fields[name] }
    return mqtt<K, V>({
      ...{ name, topic: `${name}/{key}`, qos: this.qos, retain: true, origin: true },
      schema: { name, json },
    }) as Target<K, V>
  }
}
