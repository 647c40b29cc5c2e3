import type { ConnectionOptions } from 'node:tls'

/** Signing in by a name and a password. */
export interface PasswordSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** Signing in by tokens, which a client's id and secret fetch (RFC 6749, 4.4). */
export interface OauthSasl {
  readonly mechanism: 'oauthbearer'
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string
}

/** Where Kafka is, and how to speak to it. */
export interface KafkaConfig {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly ssl?: boolean | ConnectionOptions
  readonly sasl?: PasswordSasl | OauthSasl
  /** How long a broker may take to answer (30,000 ms). */
  readonly requestTimeoutMs?: number
  /** How long a connection may take to open (5,000 ms). */
  readonly connectionTimeoutMs?: number
}
