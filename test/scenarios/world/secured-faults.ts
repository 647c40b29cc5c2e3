import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfluentRegistry } from '../../../src/codecs/schema-registry'
import type { Config } from '../../../src/config'
import { createCluster } from '../../../src/connectors/kafka'
import { connectOnce } from '../../../src/connectors/mqtt/mqtt-client'
import { migrate } from '../../../src/connectors/postgres/migrate'

/** Each link of a configuration once; resolves with what it failed by. */
export const links = {
  kafka: async ({ kafka }: Config) => {
    const cluster = createCluster({ ...kafka, clientId: 'faults' })
    try {
      await cluster.connect()
    } finally {
      await cluster.disconnect()
    }
  },
  registry: async ({ registryUrl }: Config) => {
    await new ConfluentRegistry({ url: registryUrl }).hasSubject('none')
  },
  mqtt: async ({ mqttUrl: url }: Config) => {
    const { client } = await connectOnce({ url, clientId: 'faults', timeoutMs: 10_000 })
    await client.endAsync(true)
  },
  postgres: async ({ databaseUrl }: Config) => {
    await migrate(databaseUrl, [])
  },
}

/** Another authority's certificates, and an address that is in none. */
interface Other {
  /** Their folder. */
  readonly strangers: string
  readonly elsewhere: string
}

interface Fault {
  readonly link: keyof typeof links
  readonly way?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer'
  /** What of the settings is another. */
  readonly change: (given: Record<string, string>, other: Other) => Record<string, string>
  readonly says: RegExp
}

const urlOf = (given: Record<string, string>, name: string) =>
  new URL(readFileSync(given[`${name}_FILE`] ?? '', 'utf8'))
/** A URL in place of the file that holds it. */
const otherUrl =
  (name: string, change: (url: URL, other: Other) => void) =>
  ({ ...given }: Record<string, string>, other: Other) => {
    const url = urlOf(given, name)
    change(url, other)
    delete given[`${name}_FILE`]
    return { ...given, [name]: url.href }
  }
const without =
  (...names: string[]) =>
  (given: Record<string, string>) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)))
const atElsewhere = (url: URL, { elsewhere }: Other) => {
  url.hostname = elsewhere
}
const trustsStrangers = (url: URL, { strangers }: Other) =>
  url.searchParams.set('sslrootcert', join(strangers, 'stranger.pem'))
const showsStrangers = (url: URL, { strangers }: Other) => {
  url.searchParams.set('sslcert', join(strangers, 'strangers-client.pem'))
  url.searchParams.set('sslkey', join(strangers, 'strangers-client.key'))
}
const wrongPassword = (url: URL) => {
  url.password = 'wrong-password'
}
const strangersClient = ({ strangers }: Other) => ({
  KAFKA_SSL_CERT_FILE: join(strangers, 'strangers-client.pem'),
  KAFKA_SSL_KEY_FILE: join(strangers, 'strangers-client.key'),
})
const kafkaPassword = (given: Record<string, string>) => ({
  ...without('KAFKA_SASL_PASSWORD_FILE')(given),
  KAFKA_SASL_PASSWORD: 'wrong-password',
})

/** What can be wrong of a link's settings, and what is said of it. */
export const faults: Readonly<Record<string, Fault>> = {
  'Kafka: another authority': {
    link: 'kafka',
    change: (given, { strangers }) => ({ ...given, KAFKA_SSL_CA_FILE: join(strangers, 'stranger.pem') }),
    says: /signed by nobody who is trusted here: name its authority's by KAFKA_SSL_CA$/,
  },
  'Kafka: no client certificate': {
    link: 'kafka',
    change: without('KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'),
    says: /wants a client's certificate: give one by KAFKA_SSL_CERT and KAFKA_SSL_KEY$/,
  },
  "Kafka: a stranger's certificate": {
    link: 'kafka',
    change: (given, other) => ({ ...given, ...strangersClient(other) }),
    says: /doesn't take the client's certificate: give another one by KAFKA_SSL_CERT and KAFKA_SSL_KEY$/,
  },
  'Kafka: a name that is not in the certificate': {
    link: 'kafka',
    change: (given, { elsewhere }) => ({
      ...given,
      KAFKA_BROKERS: given.KAFKA_BROKERS?.replace('localhost', elsewhere) ?? '',
    }),
    says: /certificate is for DNS:localhost.*, not for 127\.0\.0\.2: write one of its names in KAFKA_BROKERS$/,
  },
  'Kafka: no TLS': {
    link: 'kafka',
    change: without('KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'),
    says: /may want TLS \(KAFKA_SSL=true, or KAFKA_SSL_CA\)$/,
  },
  'Kafka: no sign-in': {
    link: 'kafka',
    way: 'plain',
    change: without('KAFKA_SASL_MECHANISM'),
    says: /may want a sign-in \(KAFKA_SASL_MECHANISM\)$/,
  },
  ...Object.fromEntries(
    (['plain', 'scram-sha-256', 'scram-sha-512'] as const).map(way => [
      `Kafka: a wrong password, ${way}`,
      {
        ...{ link: 'kafka', way, change: kafkaPassword },
        says: /refused the sign-in of weir \(.*\): mend KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD$/,
      } as Fault,
    ]),
  ),
  'Kafka: a wrong secret for tokens': {
    link: 'kafka',
    way: 'oauthbearer',
    change: given => ({
      ...without('KAFKA_OAUTH_CLIENT_SECRET_FILE')(given),
      KAFKA_OAUTH_CLIENT_SECRET: 'wrong-password',
    }),
    says: /gave no token, status 401 \(invalid_client\): check KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET$/,
  },
  'registry: another authority': {
    link: 'registry',
    change: otherUrl('SCHEMA_REGISTRY_URL', trustsStrangers),
    says: /name its authority's by sslrootcert in SCHEMA_REGISTRY_URL$/,
  },
  'registry: a wrong password': {
    link: 'registry',
    change: otherUrl('SCHEMA_REGISTRY_URL', wrongPassword),
    says: /refused the sign-in \(401\): mend user and password of SCHEMA_REGISTRY_URL$/,
  },
  'registry: a name that is not in the certificate': {
    link: 'registry',
    change: otherUrl('SCHEMA_REGISTRY_URL', atElsewhere),
    says: /not for 127\.0\.0\.2: write one of its names in SCHEMA_REGISTRY_URL$/,
  },
  'MQTT: another authority': {
    link: 'mqtt',
    change: otherUrl('MQTT_URL', trustsStrangers),
    says: /name its authority's by sslrootcert in MQTT_URL$/,
  },
  'MQTT: no client certificate': {
    link: 'mqtt',
    change: otherUrl('MQTT_URL', url => {
      url.searchParams.delete('sslcert')
      url.searchParams.delete('sslkey')
    }),
    says: /wants a client's certificate: give one by sslcert and sslkey in MQTT_URL$/,
  },
  "MQTT: a stranger's certificate": {
    link: 'mqtt',
    change: otherUrl('MQTT_URL', showsStrangers),
    says: /doesn't take the client's certificate: give another one by sslcert and sslkey in MQTT_URL$/,
  },
  'MQTT: a wrong password': {
    link: 'mqtt',
    change: otherUrl('MQTT_URL', wrongPassword),
    says: /[Nn]ot authorized.*: mend user and password of MQTT_URL$/,
  },
  'MQTT: a name that is not in the certificate': {
    link: 'mqtt',
    change: otherUrl('MQTT_URL', atElsewhere),
    says: /not for 127\.0\.0\.2: write one of its names in MQTT_URL$/,
  },
  'Postgres: another authority': {
    link: 'postgres',
    change: otherUrl('DATABASE_URL', trustsStrangers),
    says: /name its authority's by sslrootcert in DATABASE_URL$/,
  },
  'Postgres: a wrong password': {
    link: 'postgres',
    change: otherUrl('DATABASE_URL', wrongPassword),
    says: /password authentication failed for user "weir".*mend user and password of DATABASE_URL$/,
  },
  'Postgres: a name that is not in the certificate': {
    link: 'postgres',
    change: otherUrl('DATABASE_URL', atElsewhere),
    says: /not for 127\.0\.0\.2: write one of its names in DATABASE_URL$/,
  },
  'Postgres: no TLS': {
    link: 'postgres',
    change: otherUrl('DATABASE_URL', url => {
      url.search = ''
    }),
    says: /it wants TLS: sslmode=verify-full in DATABASE_URL$/,
  },
}
