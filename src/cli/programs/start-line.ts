import type { Config } from '../../config'

/** A URL without its password. */
function shown(url: string): string {
  const parsed = new URL(url)
  parsed.password = ''
  // Names of files, and a key's password.
  parsed.search = ''
  return parsed.href.replace(/\/$/, '')
}

/** What a start says first: what runs, and where it will look for its services. */
export function startLine(file: string, application: string, config: Config): string {
  const { kafka, registryUrl, databaseUrl, mqttUrl, guarantee } = config
  const user =
    'sasl' in kafka && kafka.sasl ? ` as ${'username' in kafka.sasl ? kafka.sasl.username : kafka.sasl.clientId}` : ''
  const services = [
    `Kafka ${kafka.brokers.join(',')}${user}`,
    `schema registry ${shown(registryUrl)}`,
    `Postgres ${shown(databaseUrl)}`,
    `MQTT ${shown(mqttUrl)}`,
  ]
  return `topology ${file}, application "${application}", ${guarantee}: ${services.join(', ')}`
}
