import type { MqttVersion } from './mqtt-version'
import { remainingLength } from './remaining-length'

export interface PublishFrame {
  readonly topic: string
  /** The packet identifier: it is of QoS 1. */
  readonly id: number
  readonly payload?: string
  readonly retain?: boolean
  readonly version: MqttVersion
}

/** A PUBLISH of QoS 1 (MQTT 5, 3.3) of weir's own. */
export function publishFrame({ topic, id, payload = '', retain = false, version }: PublishFrame): Buffer {
  const name = Buffer.from(topic)
  const properties = version === 5 ? [0] : []
  const body = Buffer.concat([
    ...[Buffer.from([name.length >> 8, name.length & 255]), name],
    ...[Buffer.from([id >> 8, id & 255, ...properties]), Buffer.from(payload)],
  ])
  return Buffer.concat([Buffer.from([retain ? 0x33 : 0x32, ...remainingLength(body.length)]), body])
}
