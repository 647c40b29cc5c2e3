import { z } from 'zod'
import { withDotenv } from './dotenv'
import { ConfigError } from './errors'
import { kafkaSecurity } from './kafka-security'
import { isAddress, kafkaFaults } from './kafka-settings'
import { nearest } from './nearest'
import { withFiles } from './setting-files'
import { misspelt, type SettingName } from './setting-names'
import { stackAddresses } from './stack/addresses'

export { howToStart } from './stack/how-to-start'

import { tlsOf } from './tls/tls-url'

const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'])
  .transform(value => value === 'true' || value === '1' || value === 'yes')

/** A whole number in a range. */
function whole(min: number, max = Number.MAX_SAFE_INTEGER) {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`
  const fits = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
  return z.custom<number>(fits, `not a whole number, ${range}`)
}

/** A number as the environment has it. */
const ofText = (value: z.ZodType<number, number>) => z.string().transform(Number).pipe(value)

/** Longer than that a timer of Node.js fires at once: 24 days. */
const longestMs = 2 ** 31 - 1

const url = (...schemes: readonly string[]) =>
  z.url({ protocol: new RegExp(`^(${schemes.join('|')})$`), error: `not a URL of ${schemes.join('://, ')}://` })

/** What the settings may be, wherever they come from; by the names that programs give them. */
const values = {
  registryUrl: url('http', 'https'),
  mqttUrl: url('mqtt', 'mqtts', 'tcp', 'ssl', 'ws', 'wss'),
  /** The most bytes of an MQTT packet, headers included, for brokers that don't say it by MQTT 5. */
  mqttMaxPacketBytes: whole(100, 268_435_460),
  databaseUrl: url('postgresql', 'postgres'),
  guarantee: z.enum(['exactly_once', 'at_least_once']),
  /** How often what was processed is committed, ms. */
  commitIntervalMs: whole(1, longestMs),
  /** A record whose event time is further ahead of its own Kafka timestamp is a bad one, ms. */
  maxFutureMs: whole(0),
  /** How long a task waits for an input that has nothing, so that records of several inputs come in order of time, ms. */
  maxTaskIdleMs: whole(0, longestMs),
  /**
   * How long those who write the source topics go on trying to send a record, ms: their `delivery.timeout.ms`. So long after an outage of
   * a partition nobody takes it for silent.
   */
  producerTimeoutMs: whole(0, longestMs),
  /** Where stores on disk are, shared by all workers on a machine: a local disk, in no container's layer. */
  stateDir: z.string().min(1),
  standbyReplicas: whole(0),
  /** Without a heartbeat for so long a worker's partitions go to others, ms. */
  sessionTimeoutMs: whole(1000, longestMs),
  /** Makes each worker a static member of its group (KIP-345): unique to it, the same after a restart. */
  groupInstanceId: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'letters, digits, dots, dashes and underscores, at most 200'),
  /** Where the worker stands, as Kafka's `client.rack`: standbys are on other racks first (KIP-708). */
  clientRack: z.string().max(200),
  /** Of topics that weir makes; unset: 3 where there are so many brokers, else the brokers' own default. */
  replicationFactor: whole(1),
  /** /health turns red when consuming has stood still for so long, ms. */
  healthStalledMs: whole(1000, longestMs),
}

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
  SCHEMA_REGISTRY_URL: values.registryUrl.optional(),
  MQTT_URL: values.mqttUrl.optional(),
  MQTT_MAX_PACKET_BYTES: ofText(values.mqttMaxPacketBytes).optional(),
  DATABASE_URL: values.databaseUrl.optional(),
  PROCESSING_GUARANTEE: values.guarantee.default('exactly_once'),
  COMMIT_INTERVAL_MS: ofText(values.commitIntervalMs).default(200),
  MAX_FUTURE_MS: ofText(values.maxFutureMs).default(3_600_000),
  MAX_TASK_IDLE_MS: ofText(values.maxTaskIdleMs).default(0),
  PRODUCER_TIMEOUT_MS: ofText(values.producerTimeoutMs).default(120_000),
  STATE_DIR: values.stateDir.default('.weir/state'),
  NUM_STANDBY_REPLICAS: ofText(values.standbyReplicas).default(0),
  SESSION_TIMEOUT_MS: ofText(values.sessionTimeoutMs).default(10_000),
  GROUP_INSTANCE_ID: values.groupInstanceId.optional(),
  CLIENT_RACK: values.clientRack.optional(),
  REPLICATION_FACTOR: ofText(values.replicationFactor).optional(),
  /** Where /metrics, /health and /ready are served; 0 takes a free port, unset serves none. */
  METRICS_PORT: ofText(whole(0, 65_535)).optional(),
  /** The address they are served at: 0.0.0.0 or :: for all of the machine's. */
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  HEALTH_STALLED_MS: ofText(values.healthStalledMs).default(30_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
} satisfies Record<SettingName, z.ZodType>)

/** Settings that a program gives beside those of the configuration. */
const withProgram = z.strictObject({
  ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.optional()])),
  // Which of its members belong together, src/kafka-settings.ts says.
  kafka: z.unknown().optional(),
  log: z
    .custom(log => ['debug', 'info', 'warn', 'error'].every(level => typeof Object(log)[level] === 'function'), {
      error: "no logger: it needs the methods debug, info, warn and error, as Fastify's app.log has",
    })
    .optional(),
  signal: z.custom(signal => typeof Object(signal).aborted === 'boolean', 'no AbortSignal').optional(),
  acceptNewState: z.boolean('neither true nor false').optional(),
})

/** Checks what a program gives instead of the environment. Throws ConfigError that names every fault at once; shows no value. */
export function checkSettings(given: unknown): void {
  const parsed = withProgram.safeParse(given)
  const faults = (parsed.error?.issues ?? []).flatMap(issue =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(unknownSetting)
      : [`${issue.path.join('.') || 'settings'}: ${issue.message}`],
  )
  const { kafka, registryUrl, mqttUrl } = Object(given)
  if (kafka !== undefined) faults.push(...kafkaFaults(kafka).map(fault => `kafka: ${fault}`))
  faults.push(...urlFaults({ registryUrl, mqttUrl }))
  if (faults.length > 0) throw new ConfigError(`wrong settings, nothing was started: ${faults.join('; ')}`)
}

function unknownSetting(name: string): string {
  const names = Object.keys(withProgram.shape)
  const meant = nearest(name, names)
  return `${name} is no setting; ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`}`
}

/** What a check finds, instead of what it throws. */
function faultOf(check: () => void): string[] {
  try {
    check()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [error.message]
    throw error
  }
}

/** What is wrong with how services are secured by their addresses, where these are some. */
const urlFaults = (urls: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(urls).flatMap(([name, url]) =>
    typeof url === 'string' && URL.canParse(url) ? faultOf(() => tlsOf(url, name)) : [],
  )

/** What can be told only of several settings together; what the fields' own checks say must not hide it. */
const togetherFaults = (given: Readonly<Record<string, string | undefined>>): string[] => [
  ...faultOf(() => kafkaSecurity(given)),
  ...urlFaults({ SCHEMA_REGISTRY_URL: given.SCHEMA_REGISTRY_URL, MQTT_URL: given.MQTT_URL }),
]

export type Config = ReturnType<typeof readConfig>

/** Reads and checks the configuration: environment first, then `.env`, then the local stack. Throws ConfigError that names every fault at once. */
export function readConfig(variables: Record<string, string | undefined> = withDotenv()) {
  const given = Object.fromEntries(
    Object.entries(withFiles(variables)).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = environment.safeParse(given)
  const faults = (parsed.error?.issues ?? []).map(issue => `${issue.path.join('.')}: ${issue.message}`)
  faults.push(...togetherFaults(given), ...misspelt(given))
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
