import { z } from 'zod'
import { withDotenv } from './dotenv'
import { ConfigError } from './errors'
import { kafkaSecurity } from './kafka-security'
import { withFiles } from './setting-files'
import { misspelt, type SettingName } from './setting-names'
import { stackAddresses } from './stack/addresses'
import { tlsOf } from './tls/tls-url'

const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'])
  .transform(value => value === 'true' || value === '1' || value === 'yes')

/** A whole number in a range. */
function whole(min: number, max = Number.MAX_SAFE_INTEGER) {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`
  return z
    .string()
    .transform(Number)
    .refine(value => Number.isSafeInteger(value) && value >= min && value <= max, `not a whole number, ${range}`)
}

const isAddress = (text: string) => /^([^\s:/[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(text) && isPort(text)
const isPort = (text: string) => {
  const port = Number(text.slice(text.lastIndexOf(':') + 1))
  return port >= 1 && port <= 65535
}

/** Longer than that a timer of Node.js fires at once: 24 days. */
const longestMs = 2 ** 31 - 1

const url = (...schemes: readonly string[]) =>
  z.url({ protocol: new RegExp(`^(${schemes.join('|')})$`), error: `not a URL of ${schemes.join('://, ')}://` })

/** Every setting: its name in the environment, what it may be, and its default. Without any, the local stack. */
const environment = z.object({
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform(list =>
      list
        .split(',')
        .map(each => each.trim())
        .filter(Boolean),
    )
    .refine(list => list.length > 0 && list.every(isAddress), 'not a list of host:port,...')
    .optional(),
  KAFKA_SSL: flag.default(false),
  // What they must be together, src/kafka-security.ts says.
  KAFKA_SASL_MECHANISM: z.string().optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_SSL_CA: z.string().optional(),
  KAFKA_SSL_CERT: z.string().optional(),
  KAFKA_SSL_KEY: z.string().optional(),
  KAFKA_SSL_KEY_PASSWORD: z.string().optional(),
  KAFKA_OAUTH_TOKEN_URL: z.string().optional(),
  KAFKA_OAUTH_CLIENT_ID: z.string().optional(),
  KAFKA_OAUTH_CLIENT_SECRET: z.string().optional(),
  KAFKA_OAUTH_SCOPE: z.string().optional(),
  SCHEMA_REGISTRY_URL: url('http', 'https').optional(),
  MQTT_URL: url('mqtt', 'mqtts', 'tcp', 'ssl', 'ws', 'wss').optional(),
  /** The most bytes of an MQTT packet, headers included, for brokers that don't say it by MQTT 5. */
  MQTT_MAX_PACKET_BYTES: whole(100, 268_435_460).optional(),
  DATABASE_URL: url('postgresql', 'postgres').optional(),
  PROCESSING_GUARANTEE: z.enum(['exactly_once', 'at_least_once']).default('exactly_once'),
  /** How often what was processed is committed, ms. */
  COMMIT_INTERVAL_MS: whole(1, longestMs).default(200),
  /** A record whose event time is further ahead of its own Kafka timestamp is a bad one, ms. */
  MAX_FUTURE_MS: whole(0).default(3_600_000),
  /** How long a task waits for an input that has nothing, so that records of several inputs come in order of time, ms. */
  MAX_TASK_IDLE_MS: whole(0, longestMs).default(0),
  /**
   * How long those who write the source topics go on trying to send a record, ms: their `delivery.timeout.ms`. So long after an outage of
   * a partition nobody takes it for silent.
   */
  PRODUCER_TIMEOUT_MS: whole(0, longestMs).default(120_000),
  /** Where stores on disk are, shared by all workers on a machine: a local disk, in no container's layer. */
  STATE_DIR: z.string().min(1).default('.weir/state'),
  NUM_STANDBY_REPLICAS: whole(0).default(0),
  /** Without a heartbeat for so long a worker's partitions go to others, ms. */
  SESSION_TIMEOUT_MS: whole(1000, longestMs).default(10_000),
  /** Makes each worker a static member of its group (KIP-345): unique to it, the same after a restart. */
  GROUP_INSTANCE_ID: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'letters, digits, dots, dashes and underscores, at most 200')
    .optional(),
  /** Where the worker stands, as Kafka's `client.rack`: standbys are on other racks first (KIP-708). */
  CLIENT_RACK: z.string().max(200).optional(),
  /** Of topics that weir makes; unset: 3 where there are so many brokers, else the brokers' own default. */
  REPLICATION_FACTOR: whole(1).optional(),
  /** Where /metrics, /health and /ready are served; 0 takes a free port, unset serves none. */
  METRICS_PORT: whole(0, 65_535).optional(),
  /** The address they are served at: 0.0.0.0 or :: for all of the machine's. */
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  /** /health turns red when consuming has stood still for so long, ms. */
  HEALTH_STALLED_MS: whole(1000, longestMs).default(30_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
} satisfies Record<SettingName, z.ZodType>)

/** What can be told only of several settings together; what the fields' own checks say must not hide it. */
function togetherFault(given: Record<string, string | undefined>): string | undefined {
  try {
    kafkaSecurity(given)
    if (URL.canParse(given.SCHEMA_REGISTRY_URL ?? '')) tlsOf(given.SCHEMA_REGISTRY_URL ?? '', 'SCHEMA_REGISTRY_URL')
    if (URL.canParse(given.MQTT_URL ?? '')) tlsOf(given.MQTT_URL ?? '', 'MQTT_URL')
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

export type Config = ReturnType<typeof readConfig>

/** Reads and checks the configuration: environment first, then `.env`, then the local stack. Throws ConfigError that names every fault at once. */
export function readConfig(variables: Record<string, string | undefined> = withDotenv()) {
  const given = Object.fromEntries(
    Object.entries(withFiles(variables)).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = environment.safeParse(given)
  const faults = (parsed.error?.issues ?? []).map(issue => `${issue.path.join('.')}: ${issue.message}`)
  const together = togetherFault(given)
  if (together !== undefined) faults.push(together)
  faults.push(...misspelt(given))
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(`wrong configuration, nothing was started: ${faults.join('; ')}`)
  }
  const { data } = parsed
  const local = stackAddresses()
  return {
    kafka: {
      brokers: data.KAFKA_BROKERS ?? local.kafkaBrokers.split(','),
      ...kafkaSecurity(given),
    },
    registryUrl: data.SCHEMA_REGISTRY_URL ?? local.registryUrl,
    mqttUrl: data.MQTT_URL ?? local.mqttUrl,
    mqttMaxPacketBytes: data.MQTT_MAX_PACKET_BYTES,
    databaseUrl: data.DATABASE_URL ?? local.databaseUrl,
    guarantee: data.PROCESSING_GUARANTEE,
    commitIntervalMs: data.COMMIT_INTERVAL_MS,
    maxFutureMs: data.MAX_FUTURE_MS,
    maxTaskIdleMs: data.MAX_TASK_IDLE_MS,
    producerTimeoutMs: data.PRODUCER_TIMEOUT_MS,
    stateDir: data.STATE_DIR,
    standbyReplicas: data.NUM_STANDBY_REPLICAS,
    sessionTimeoutMs: data.SESSION_TIMEOUT_MS,
    groupInstanceId: data.GROUP_INSTANCE_ID,
    clientRack: data.CLIENT_RACK,
    replicationFactor: data.REPLICATION_FACTOR,
    metricsPort: data.METRICS_PORT,
    metricsHost: data.METRICS_HOST,
    healthStalledMs: data.HEALTH_STALLED_MS,
    logLevel: data.LOG_LEVEL,
  }
}
