import type { SASLOptions } from 'kafkajs'
import type { KafkaConfig } from './kafka-config'
import { OauthTokens } from './oauth-token'

const kept = new WeakMap<NonNullable<KafkaConfig['sasl']>, SASLOptions>()

/** As kafkajs takes it. All connections of a configuration share a token. */
export function saslOf({ sasl }: KafkaConfig): SASLOptions | undefined {
  if (sasl === undefined || sasl.mechanism !== 'oauthbearer') return sasl
  const known = kept.get(sasl)
  if (known !== undefined) return known
  const tokens = new OauthTokens(sasl)
  const made: SASLOptions = {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: await tokens.value() }),
  }
  kept.set(sasl, made)
  return made
}
