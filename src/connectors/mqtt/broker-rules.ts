import type { MqttVersion } from './mqtt-version'

/** The longest "remaining length" that four bytes can say (MQTT 5, 1.5.5), and what stands before it. */
const longestPacket = 268_435_455 + 5
/** How long records for a topic that the broker has refused are refused while they are encoded, before the broker is asked again, ms. */
const refusedForMs = 300_000
const mostRefused = 10_000

/**
 * What is known of a target's broker: its sink updates it with every connection and its encoders read it, so that a record whose message
 * the broker would refuse fails before the message is sent.
 */
export class BrokerRules {
  /** The version that frames are to be in. */
  version: MqttVersion = 4
  /** The most bytes of a packet, headers included. */
  mostBytes = longestPacket
  /** Whether the broker has ever taken a message of the target: a right that is refused then is one topic's alone. */
  hasAccepted = false
  private readonly refused = new Map<string, { readonly why: string; readonly untilMs: number }>()

  constructor(private readonly now: () => number = () => performance.now()) {}

  learn(version: MqttVersion, mostBytes: number): void {
    this.version = version
    this.mostBytes = Math.min(mostBytes, longestPacket)
  }

  /** Notes that the broker refuses this topic. */
  refuse(topic: string, why: string): void {
    const [oldest] = this.refused.keys()
    if (oldest !== undefined && this.refused.size >= mostRefused) this.refused.delete(oldest)
    this.refused.set(topic, { why, untilMs: this.now() + refusedForMs })
  }

  get refusesTopics(): boolean {
    return this.refused.size > 0
  }

  /** Why the broker has refused this topic lately. */
  refusalOf(topic: string): string | undefined {
    const known = this.refused.get(topic)
    if (known === undefined || known.untilMs > this.now()) return known?.why
    this.refused.delete(topic)
    return undefined
  }
}
