import { kind, needed, type OptionKind, type OptionKinds, oneOf, optionFaults, plain, word } from './checked-options'
import { saslMechanisms } from './kafka-security'

/** `host:port`, `[::1]:port`. */
export function isAddress(text: string): boolean {
  const port = Number(text.slice(text.lastIndexOf(':') + 1))
  return /^([^\s:/[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(text) && port >= 1 && port <= 65535
}

export const addresses: OptionKind = kind(
  "a list of host:port, as ['127.0.0.1:9092']",
  value => Array.isArray(value) && value.length > 0 && value.every(each => typeof each === 'string' && isAddress(each)),
)

const secret: OptionKind = { ...word, isSecret: true }
const tls: OptionKinds = { ca: secret, cert: secret, key: secret, passphrase: secret }
const byPassword: OptionKinds = { username: needed(word), password: needed(secret) }
const byToken: OptionKinds = {
  ...{ tokenUrl: needed(word), clientId: needed(word), clientSecret: needed(secret) },
  scope: word,
}

/** What is wrong with how somebody signs in to Kafka: a sentence each, which shows no secret. */
export function saslFaults(sasl: unknown): string[] {
  const mechanism = plain.fits(sasl) ? (sasl as { readonly mechanism?: unknown }).mechanism : undefined
  const kinds = mechanism === 'oauthbearer' ? byToken : byPassword
  return optionFaults(sasl, { mechanism: needed(oneOf(...saslMechanisms)), ...kinds }).map(fault => `sasl: ${fault}`)
}

/** What is wrong with the setting `kafka` of a program: a sentence each. */
export function kafkaFaults(kafka: unknown): string[] {
  const ssl = kind('true, or { ca, cert, key, passphrase }', value => value === true || plain.fits(value))
  const faults = optionFaults(kafka, { brokers: needed(addresses), ssl, sasl: plain })
  const given = Object(kafka) as { readonly ssl?: unknown; readonly sasl?: unknown }
  if (plain.fits(given.ssl)) faults.push(...optionFaults(given.ssl, tls).map(fault => `ssl: ${fault}`))
  if (plain.fits(given.sasl)) faults.push(...saslFaults(given.sasl))
  return faults
}
