import { withDotenv } from '../../dotenv'
import { ConfigError } from '../../errors'
import { kafkaSecurity } from '../../kafka-security'
import type { KafkaConfig } from '../../ops/cluster'
import { withFiles } from '../../setting-files'
import { misspelt } from '../../setting-names'
import { stackAddresses } from '../../stack/addresses'
import type { CommonOptions } from './common'

/** Where the services are. */
export interface Settings {
  readonly kafka: Omit<KafkaConfig, 'clientId'>
  readonly registryUrl: string
  /** False when nobody named a registry. */
  readonly registryNamed: boolean
}

/** An option wins over the environment, the environment over `.env`, that over the local stack (`.weir/stack.json`). */
export function settings(options: CommonOptions, variables: NodeJS.ProcessEnv = withDotenv()): Settings {
  const environment = withFiles(variables)
  const faults = misspelt(environment)
  if (faults.length > 0) throw new ConfigError(faults.join('; '))
  const local = stackAddresses()
  const given = options.brokers ?? (environment.KAFKA_BROKERS || local.kafkaBrokers)
  const brokers = given.split(',').flatMap(text => (text.trim() === '' ? [] : [withPort(text.trim())]))
  if (brokers.length === 0) throw new ConfigError('no Kafka broker is named: write host:port, several with commas')
  return {
    kafka: { brokers, ...kafkaSecurity(environment) },
    registryUrl: options.registry ?? (environment.SCHEMA_REGISTRY_URL || local.registryUrl),
    registryNamed: Boolean(options.registry ?? environment.SCHEMA_REGISTRY_URL),
  }
}

function withPort(broker: string): string {
  const port = /^\S+:(\d{1,5})$/.exec(broker)?.[1]
  if (port !== undefined && Number(port) > 0 && Number(port) < 65536) return broker
  if (/[\s:]/.test(broker)) throw new ConfigError(`"${broker}" is no broker: write host:port, several with commas`)
  return `${broker}:9092`
}
