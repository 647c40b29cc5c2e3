import type { Launch } from './processes'
import type { BrokerName, ServiceName } from './state'

export interface ServicePorts {
  readonly port: number
  /** MQTT only: the WebSocket listener's. */
  readonly wsPort?: number
  /** Kafka's brokers only: the port among themselves. */
  readonly controllerPort?: number
  /** A secured Kafka only: where one signs in by a password or a token. */
  readonly saslPort?: number
  /** The gate only: where tokens are given. */
  readonly tokenPort?: number
}

/** What a service needs to get ready. */
export interface StartContext {
  readonly home: string
  /** The ports of all of Kafka's brokers. */
  readonly brokers: ReadonlyMap<BrokerName, ServicePorts>
  readonly signal: AbortSignal
  /** One line for the user. */
  readonly progress: (line: string) => void
  /** One line for the service's own log. */
  readonly log: (line: string) => void
}

/** One kind of local service. */
export interface Service {
  readonly name: ServiceName
  /** Throws when the machine lacks what the service can't do without. Asked of all services before any is started. */
  require?(): Promise<unknown>
  /** Makes what the program needs on disk (its data, its configuration) and says how to run it. */
  prepare(ports: ServicePorts, context: StartContext): Promise<Launch>
  /** What a person should know of a program that an earlier version of weir has started, and that runs on. */
  outdated?(home: string): string | undefined
  /** Speaks the service's protocol once. @throws when it isn't ready to serve */
  probe(ports: ServicePorts): Promise<void>
  /** Ends the program in order. */
  readonly stopSignal: NodeJS.Signals
  /** What the log's end says when the program could not start yet, and is to be started again. */
  readonly retryWhen?: RegExp
}
