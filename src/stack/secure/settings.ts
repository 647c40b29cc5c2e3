import { stackAddresses } from '../addresses'
import { database, user as owner } from '../postgres/roles'
import { writePrivate } from '../private-file'
import { readState } from '../state'
import { appUser, secretOf, secureFile } from './folder'

type Settings = Readonly<Record<string, string>>

/** How weir is told of a secured stack: names of settings and their values, none of which is a secret, as these stand in files. */
export interface SecuredSettings {
  /** Whatever way one signs in to Kafka by. */
  readonly common: Settings
  /** The ways to sign in to Kafka; one of them is added. */
  readonly kafka: Readonly<
    Record<'certificate' | 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer', Settings>
  >
  /** In the place of the topology's role, for `weir migrate`. */
  readonly owner: Settings
}

/** A URL with a name and a password. */
function signedIn(url: string, user: string, password: string): string {
  const made = new URL(url)
  made.username = user
  made.password = password
  return made.href
}

/**
 * The settings of a secured home as its services are now. Writes the files of those that hold a secret.
 */
export function securedSettings(home: string): SecuredSettings {
  const { registryUrl, mqttUrl, kafkaBrokers } = stackAddresses(home)
  const { kafka = { port: 0 }, postgres = { port: 0 }, gate } = readState(home)
  const file = (name: string) => secureFile(home, name)
  const written = (name: string, text: string) => {
    writePrivate(file(name), text)
    return file(name)
  }
  const ca = `sslrootcert=${encodeURIComponent(file('ca.pem'))}`
  const certificate = `sslcert=${encodeURIComponent(file('client.pem'))}&sslkey=${encodeURIComponent(file('client.key'))}`
  const databaseAs = (role: string, password: string) =>
    `postgresql://${role}:${password}@localhost:${postgres.port}/${database}?sslmode=verify-full&${ca}`
  const secret = (name: Parameters<typeof secretOf>[1]) => secretOf(home, name)
  const sasl = { KAFKA_BROKERS: `localhost:${kafka.saslPort}`, KAFKA_SSL_CA_FILE: file('ca.pem') }
  const password = (mechanism: string): Settings => ({
    ...sasl,
    ...{ KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: appUser },
    KAFKA_SASL_PASSWORD_FILE: file('kafka-password'),
  })
  return {
    common: {
      SCHEMA_REGISTRY_URL_FILE: written(
        'registry-url',
        signedIn(`${registryUrl}?${ca}`, appUser, secret('registry-password')),
      ),
      MQTT_URL_FILE: written('mqtt-url', signedIn(`${mqttUrl}?${ca}&${certificate}`, appUser, secret('mqtt-password'))),
      DATABASE_URL_FILE: written('database-url', databaseAs(appUser, secret('postgres-password'))),
    },
    kafka: {
      certificate: {
        ...{ KAFKA_BROKERS: kafkaBrokers, KAFKA_SSL_CA_FILE: file('ca.pem') },
        ...{ KAFKA_SSL_CERT_FILE: file('client.pem'), KAFKA_SSL_KEY_FILE: file('client.key') },
      },
      plain: password('plain'),
      'scram-sha-256': password('scram-sha-256'),
      'scram-sha-512': password('scram-sha-512'),
      oauthbearer: {
        ...{ ...sasl, KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_OAUTH_CLIENT_ID: appUser },
        KAFKA_OAUTH_TOKEN_URL: `https://localhost:${gate?.tokenPort}/token?${ca}`,
        KAFKA_OAUTH_CLIENT_SECRET_FILE: file('oauth-secret'),
      },
    },
    owner: { DATABASE_URL_FILE: written('owner-database-url', databaseAs(owner, secret('owner-password'))) },
  }
}

const lines = (settings: Settings, before = '') =>
  Object.entries(settings).map(([name, value]) => `${before}${name}=${value}`)

/** The same as lines for `.env`: Kafka by a certificate, the other ways as comments. No secret is in them. */
export function securedLines(home: string): string[] {
  const { common, kafka, owner } = securedSettings(home)
  const { certificate, ...others } = kafka
  return [
    ...lines(certificate),
    ...lines(common),
    '# To sign in to Kafka otherwise, take the lines of one of these instead of the four of KAFKA_ above.',
    ...Object.entries(others).flatMap(([name, settings]) => [`# ${name}:`, ...lines(settings, '# ')]),
    '# The role above reads and writes rows. `weir migrate` makes the tables as their owner:',
    ...lines(owner, '# '),
  ]
}
