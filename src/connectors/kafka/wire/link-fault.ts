import { UnfitError } from '../../../errors'
import { type LinkSettings, tlsFault } from '../../../tls/link-fault'
import type { KafkaConfig } from './kafka-config'

const settingsOf = ({ ssl }: KafkaConfig): LinkSettings => ({
  ca: 'KAFKA_SSL_CA',
  cert: 'KAFKA_SSL_CERT and KAFKA_SSL_KEY',
  address: 'KAFKA_BROKERS',
  hasCert: typeof ssl === 'object' && ssl.cert !== undefined,
})

/**
 * What of the settings a connection failed for, as the end of a sentence that names the one to change; undefined where it is something else, as a
 * broker that is away. `error` is kafkajs's, `socketError` what Node said of the socket.
 */
export function linkFault(error: unknown, socketError: Error | undefined, config: KafkaConfig): string | undefined {
  const { name, message } = error as Error
  // A token endpoint that refuses.
  if (error instanceof UnfitError) return message
  if (name === 'KafkaJSSASLAuthenticationError') return signInFault(message, config)
  return tlsFault(socketError, settingsOf(config)) ?? tlsFault(error, settingsOf(config))
}

/** What a broker may want that has taken a connection and hung up at its first bytes; a broker that is being stopped does the same. */
export function hangUpHint(error: unknown, { ssl, sasl }: KafkaConfig, wasOpen: boolean): string | undefined {
  const { name } = error as Error
  if (name !== 'KafkaJSConnectionClosedError') return undefined
  if (!wasOpen)
    return ssl ? undefined : 'it hangs up before it answers: it may want TLS (KAFKA_SSL=true, or KAFKA_SSL_CA)'
  return sasl ? undefined : 'it hangs up at the first question: it may want a sign-in (KAFKA_SASL_MECHANISM)'
}

function signInFault(message: string, { sasl }: KafkaConfig): string {
  const words = message.replace(/^.*authentication failed: /, '')
  if (/not supported by the server/.test(message)) return `${words}: choose another KAFKA_SASL_MECHANISM`
  if (sasl?.mechanism === 'oauthbearer')
    return `it doesn't take the token that KAFKA_OAUTH_TOKEN_URL gave (${words}): ask for one that is meant for it, by KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_SCOPE`
  return `it refused the sign-in of ${sasl?.username} (${words}): mend KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`
}
