import { randomUUID } from 'node:crypto'
import type { Finding } from '../finding'
import { brokerAt, connectOnce, type Link } from './mqtt-client'
import type { MqttTarget } from './mqtt-target'

/** Connects once to an MQTT broker and compares what it can do with what targets need. Rejects as `connectOnce` does. */
export async function inspectBroker(
  url: string,
  targets: readonly MqttTarget[],
  timeoutMs: number,
): Promise<Finding[]> {
  const link = await connectOnce({ url, clientId: `weir-doctor-${randomUUID().slice(0, 8)}`, timeoutMs })
  await link.client.endAsync(true)
  return shortcomings(link, targets).map(what => ({
    what: `${brokerAt(url)}: it ${what}`,
    mend: 'change its settings, or name another broker in MQTT_URL',
  }))
}

/** What a broker can't do that targets need, as ends of sentences. */
export function shortcomings(
  { mostQos, retains }: Pick<Link, 'mostQos' | 'retains'>,
  targets: readonly MqttTarget[],
): string[] {
  const target = retains ? undefined : targets.find(({ retain }) => retain)
  return [
    ...(mostQos < 1 ? ['takes no message of QoS 1, by which weir proves what it has'] : []),
    ...(target === undefined ? [] : [`keeps no retained messages, which target ${target.name} needs`]),
  ]
}
