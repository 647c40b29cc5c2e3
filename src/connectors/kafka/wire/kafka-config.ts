import type { ConnectionOptions } from 'node:tls'
import type { SASLOptions } from 'kafkajs'

/** Where Kafka is, and how to speak to it. */
export interface KafkaConfig {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly ssl?: boolean | ConnectionOptions
  readonly sasl?: SASLOptions
  /** How long a broker may take to answer (30,000 ms). */
  readonly requestTimeoutMs?: number
  /** How long a connection may take to open (5,000 ms). */
  readonly connectionTimeoutMs?: number
}
