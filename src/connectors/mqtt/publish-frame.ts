import type { MqttVersion } from './mqtt-version'

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
  // Never as long as 16,384 bytes: topics of weir's own are made of an application's and a task's name.
  const size = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
  return Buffer.concat([Buffer.from([retain ? 0x33 : 0x32, ...size]), body])
}
