import { ConfigError } from './errors'
import { checkPair } from './tls/tls-url'

const passwordMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
/** How weir can sign in to Kafka. */
export const saslMechanisms = [...passwordMechanisms, 'oauthbearer'] as const

/** Signing in by a name and a password, or by tokens that a client's id and secret fetch (RFC 6749, 4.4). */
export type KafkaSasl =
  | {
      readonly mechanism: (typeof passwordMechanisms)[number]
      readonly username: string
      readonly password: string
    }
  | {
      readonly mechanism: 'oauthbearer'
      /** Where tokens are given; `?sslrootcert=` names an authority of one's own. */
      readonly tokenUrl: string
      readonly clientId: string
      readonly clientSecret: string
      readonly scope?: string
    }

/** How a link to Kafka is secured, as the settings say. */
export interface KafkaSecurity {
  readonly ssl?:
    | true
    | { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly passphrase?: string }
  readonly sasl?: KafkaSasl
}

type Given = Readonly<Record<string, string | undefined>>

/** Reads KAFKA_SSL..., KAFKA_SASL... and KAFKA_OAUTH.... Throws ConfigError, which shows no secret. */
export function kafkaSecurity(given: Given): KafkaSecurity {
  const ssl = sslOf(given)
  const sasl = saslOf(given)
  return { ...(ssl && { ssl }), ...(sasl && { sasl }) }
}

function sslOf(given: Given): KafkaSecurity['ssl'] {
  const { KAFKA_SSL_CA: ca, KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key, KAFKA_SSL_KEY_PASSWORD: passphrase } = given
  const own = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(passphrase && { passphrase }) }
  const isOwn = Object.keys(own).length > 0
  const isOff = /^(false|0|no)$/i.test(given.KAFKA_SSL ?? '')
  if (isOwn && isOff)
    throw new ConfigError('KAFKA_SSL is off, and KAFKA_SSL_CA, _CERT or _KEY are given: take one away')
  for (const [name, text] of [
    ['KAFKA_SSL_CA', ca],
    ['KAFKA_SSL_CERT', cert],
    ['KAFKA_SSL_KEY', key],
  ] as const)
    if (text && !text.includes('-----BEGIN'))
      throw new ConfigError(`${name} is no PEM text: name its file with ${name}_FILE`)
  checkPair(own, 'KAFKA_SSL_CERT and KAFKA_SSL_KEY')
  if (isOwn) return own
  return /^(true|1|yes)$/i.test(given.KAFKA_SSL ?? '') ? true : undefined
}

function saslOf(given: Given): KafkaSasl | undefined {
  const { KAFKA_SASL_MECHANISM: text } = given
  if (!text) return undefined
  const mechanism = saslMechanisms.find(each => each === text.toLowerCase())
  if (mechanism === undefined) throw new ConfigError(`KAFKA_SASL_MECHANISM: must be ${saslMechanisms.join(', ')}`)
  if (mechanism === 'oauthbearer') return oauthOf(given)
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = given
  if (!username || !password)
    throw new ConfigError('KAFKA_SASL_MECHANISM: needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD')
  return { mechanism, username, password }
}

function oauthOf(given: Given): KafkaSasl {
  const {
    KAFKA_OAUTH_TOKEN_URL: tokenUrl,
    KAFKA_OAUTH_CLIENT_ID: clientId,
    KAFKA_OAUTH_CLIENT_SECRET: clientSecret,
  } = given
  if (!tokenUrl || !clientId || !clientSecret)
    throw new ConfigError(
      'KAFKA_SASL_MECHANISM: oauthbearer needs KAFKA_OAUTH_TOKEN_URL, KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET',
    )
  if (!URL.canParse(tokenUrl) || !/^https?:$/.test(new URL(tokenUrl).protocol))
    throw new ConfigError('KAFKA_OAUTH_TOKEN_URL: not a URL of https:// or http://')
  const { KAFKA_OAUTH_SCOPE: scope } = given
  return { mechanism: 'oauthbearer', tokenUrl, clientId, clientSecret, ...(scope && { scope }) }
}
