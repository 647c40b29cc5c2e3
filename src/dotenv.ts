import { readFileSync } from 'node:fs'
import { parse } from 'dotenv'

/** The names that weir reads. `.env` may be anybody's: no other name of it gets anywhere, least of all to a child process (NODE_OPTIONS). */
export const settingNames = [
  ...['KAFKA_BROKERS', 'KAFKA_SSL', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
  ...['SCHEMA_REGISTRY_URL', 'MQTT_URL', 'DATABASE_URL', 'PROCESSING_GUARANTEE', 'COMMIT_INTERVAL_MS'],
  ...['MAX_FUTURE_MS', 'MAX_TASK_IDLE_MS', 'STATE_DIR', 'NUM_STANDBY_REPLICAS', 'SESSION_TIMEOUT_MS'],
  ...['REPLICATION_FACTOR', 'METRICS_PORT', 'HEALTH_STALLED_MS', 'LOG_LEVEL'],
] as const

/** The environment, with those of weir's settings that only `.env` has. Changes nothing of the process. */
export function withDotenv(
  environment: NodeJS.ProcessEnv = process.env,
  file = '.env',
): Record<string, string | undefined> {
  const found = read(file)
  const added = settingNames.filter(name => environment[name] === undefined && found[name] !== undefined)
  return { ...environment, ...Object.fromEntries(added.map(name => [name, found[name]])) }
}

function read(file: string): Record<string, string> {
  try {
    return parse(readFileSync(file))
  } catch {
    return {}
  }
}
