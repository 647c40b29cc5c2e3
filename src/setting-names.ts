import { editDistance } from './nearest'

/** The settings that src/config.ts reads. They are here for those who need no more than the names. */
export const settingNames = [
  'KAFKA_BROKERS',
  'KAFKA_SSL',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'KAFKA_SSL_CA',
  'KAFKA_SSL_CERT',
  'KAFKA_SSL_KEY',
  'KAFKA_SSL_KEY_PASSWORD',
  'KAFKA_OAUTH_TOKEN_URL',
  'KAFKA_OAUTH_CLIENT_ID',
  'KAFKA_OAUTH_CLIENT_SECRET',
  'KAFKA_OAUTH_SCOPE',
  'SCHEMA_REGISTRY_URL',
  'MQTT_URL',
  'MQTT_MAX_PACKET_BYTES',
  'DATABASE_URL',
  'PROCESSING_GUARANTEE',
  'COMMIT_INTERVAL_MS',
  'MAX_FUTURE_MS',
  'MAX_TASK_IDLE_MS',
  'PRODUCER_TIMEOUT_MS',
  'STATE_DIR',
  'NUM_STANDBY_REPLICAS',
  'SESSION_TIMEOUT_MS',
  'GROUP_INSTANCE_ID',
  'CLIENT_RACK',
  'REPLICATION_FACTOR',
  'METRICS_PORT',
  'METRICS_HOST',
  'HEALTH_STALLED_MS',
  'LOG_LEVEL',
] as const
export type SettingName = (typeof settingNames)[number]

/** Settings that a file may hold instead, which NAME_FILE names: secrets, and what holds one. */
export const fileNames: readonly string[] = [
  ...['KAFKA_SASL_PASSWORD', 'KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY', 'KAFKA_SSL_KEY_PASSWORD'],
  ...['KAFKA_OAUTH_CLIENT_SECRET', 'SCHEMA_REGISTRY_URL', 'MQTT_URL', 'DATABASE_URL'],
].map(name => `${name}_FILE`)

/** What is read from the environment beside the configuration: by the local stack, the dashboard, and weir's own tests and benches. */
const others = ['WEIR_HOME', 'WEIR_CACHE', 'WEIR_STACK_PORTS', 'DASHBOARD_TOKEN']
const ofTests = /^WEIR_(TEST|KEYLESS|PEERS|EDIT|TWIN|HOSTILE|BENCH)(_|$)/

/** What other programs call the same. They are meant for weir only where weir's own name isn't given. */
const elsewhere: Readonly<Record<string, string>> = {
  KAFKA_BOOTSTRAP_SERVERS: 'KAFKA_BROKERS',
  BOOTSTRAP_SERVERS: 'KAFKA_BROKERS',
  KAFKA_BROKER_LIST: 'KAFKA_BROKERS',
  KAFKA_BROKER_URL: 'KAFKA_BROKERS',
  KAFKA_URL: 'KAFKA_BROKERS',
  SCHEMA_REGISTRY: 'SCHEMA_REGISTRY_URL',
  MQTT_BROKER_URL: 'MQTT_URL',
  MQTT_BROKER: 'MQTT_URL',
  POSTGRES_URL: 'DATABASE_URL',
  KAFKA_CLIENT_RACK: 'CLIENT_RACK',
  KAFKA_RACK: 'CLIENT_RACK',
}

const letters = (name: string): string => name.toUpperCase().replaceAll('_', '')

/** A slip of the finger: letters and underscores apart by one, or two where the name is long. */
function isSlip(given: string, right: string): boolean {
  const most = right.length < 9 ? 1 : 2
  // Every variable is held against every name at each start.
  return Math.abs(given.length - right.length) <= most && editDistance(given, right) <= most
}

const own: ReadonlyMap<string, string> = new Map(
  [...settingNames, ...fileNames, ...others].map(name => [name, letters(name)]),
)

function slipOf(name: string): string | undefined {
  const given = letters(name)
  for (const [known, right] of own) if (isSlip(given, right)) return known
  return undefined
}

function meant(name: string, given: ReadonlySet<string>): string | undefined {
  const bare = name.replace(/^weir_/i, '')
  const slip = slipOf(name) ?? (bare === name ? undefined : slipOf(bare))
  if (slip !== undefined) return slip
  const other = elsewhere[name]
  return other !== undefined && !given.has(other) ? other : undefined
}

/**
 * Variables that were probably meant as settings and would be ignored, one sentence each.
 *
 * @example
 * misspelt({ KAFKA_BROKER: 'a:9092' }) // ['KAFKA_BROKER is no setting; did you mean KAFKA_BROKERS?']
 */
export function misspelt(variables: Readonly<Record<string, string | undefined>>): string[] {
  const given = new Set(Object.keys(variables).filter(name => variables[name]))
  const faults: string[] = []
  for (const name of given) {
    if (own.has(name) || ofTests.test(name)) continue
    const right = meant(name, given)
    if (right !== undefined) faults.push(`${name} is no setting; did you mean ${right}?`)
    else if (name.startsWith('WEIR_')) faults.push(`${name} is no setting of weir: see README.md for those that are`)
  }
  return faults
}
