import type { Admin, Kafka, LogEntry } from 'kafkajs'
import { LEVELS as logLevel } from 'kafkajs/src/loggers'
import { log } from '../../../log'
import { Cluster } from './cluster'
import type { KafkaConfig } from './kafka-config'
import { createLogger } from './kafkajs-connection'
import { saslOf } from './kafkajs-sasl'

export type { KafkaConfig } from './kafka-config'

// Stated, because under NODE_ENV=test kafkajs would take others by itself.
const RETRY = { initialRetryTime: 20, maxRetryTime: 1_000, retries: 8, multiplier: 2, factor: 0.2 }

/** kafkajs tells of each lost connection as an error; weir says once what that means to it, so these are details here. */
function writeLog({ level, namespace, log: { message, logger: _, timestamp: __, ...rest } }: LogEntry): void {
  const line = `kafka: ${message}`
  const isDetail = level >= logLevel.INFO || /^(Connection|BrokerPool|SaslAuthenticator-.*)$/.test(namespace)
  if (isDetail) log.debug(rest, line)
  else if (level === logLevel.WARN) log.warn(rest, line)
  else log.error(rest, line)
}

/** kafkajs's client, with weir's log and stated retries. */
export function createKafka(config: KafkaConfig): Kafka {
  const sasl = saslOf(config)
  // Of its 140 modules a worker needs its connection's alone.
  const { Kafka } = require('kafkajs') as typeof import('kafkajs')
  return new Kafka({
    brokers: [...config.brokers],
    clientId: config.clientId,
    ...(config.ssl === undefined ? {} : { ssl: config.ssl }),
    ...(sasl === undefined ? {} : { sasl }),
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
  return new Cluster(config, createLogger(writeLog))
}
