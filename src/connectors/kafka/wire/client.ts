import type { ConnectionOptions } from 'node:tls'
import { type Admin, Kafka, type LogEntry, type Logger, logLevel, type SASLOptions } from 'kafkajs'
import { createLogger } from 'kafkajs/src/loggers'
import { log } from '../../../log'
import { Cluster } from './cluster'

export type {
  Admin,
  ConfigEntries,
  DescribeConfigResponse,
  GroupDescription,
  GroupOverview,
  ITopicMetadata,
  MemberDescription,
} from 'kafkajs'
export { ConfigResourceTypes } from 'kafkajs'

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

// Stated, because under NODE_ENV=test kafkajs would take others by itself.
const RETRY = { initialRetryTime: 20, maxRetryTime: 1_000, retries: 8, multiplier: 2, factor: 0.2 }

/** kafkajs tells of each lost connection as an error; weir says once what that means to it, so these are details here. */
function writeLog({ level, namespace, log: { message, logger: _, timestamp: __, ...rest } }: LogEntry): void {
  const line = `kafka: ${message}`
  if (level >= logLevel.INFO || namespace === 'Connection' || namespace === 'BrokerPool') log.debug(rest, line)
  else if (level === logLevel.WARN) log.warn(rest, line)
  else log.error(rest, line)
}

/** kafkajs's client, with weir's log and stated retries. */
export function createKafka(config: KafkaConfig): Kafka {
  return new Kafka({
    brokers: [...config.brokers],
    clientId: config.clientId,
    ...(config.ssl === undefined ? {} : { ssl: config.ssl }),
    ...(config.sasl === undefined ? {} : { sasl: config.sasl }),
    requestTimeout: config.requestTimeoutMs ?? 30_000,
    connectionTimeout: config.connectionTimeoutMs ?? 5_000,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator: () => writeLog,
  })
}

/** kafkajs's admin client; `connect()` it first, `disconnect()` it last. */
export function createAdmin(config: KafkaConfig): Admin {
  return createKafka(config).admin({ retry: RETRY })
}

/** weir's own requests to the cluster; nothing is connected before the first one. */
export function createCluster(config: KafkaConfig): Cluster {
  const logger: Logger = createLogger({ level: logLevel.INFO, logCreator: () => writeLog })
  return new Cluster(config, logger)
}
