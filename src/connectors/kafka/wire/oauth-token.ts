import { UnavailableError, UnfitError } from '../../../errors'
import { type Answer, askHttp, textOf } from '../../../tls/ask-http'
import { tlsFault, urlSettings } from '../../../tls/link-fault'
import { tlsOf } from '../../../tls/tls-url'
import type { OauthSasl } from './kafka-config'

/** A token is fetched anew so long before it ends, ms: brokers' clocks differ. */
const marginMs = 30_000
const timeoutMs = 10_000

interface Token {
  readonly value: string
  readonly endsAtMs: number
}

/**
 * Tokens by the client credentials grant (RFC 6749, 4.4), each used by all connections until shortly before it ends. Throws UnavailableError, which shows
 * neither secret nor token.
 */
export class OauthTokens {
  private current: Promise<Token> | undefined

  constructor(
    private readonly options: OauthSasl,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  async value(): Promise<string> {
    const token = await this.current?.catch(() => undefined)
    if (token !== undefined && token.endsAtMs - marginMs > this.nowMs()) return token.value
    this.current = this.fetch()
    return (await this.current).value
  }

  private async fetch(): Promise<Token> {
    const { tokenUrl, clientId, clientSecret, scope } = this.options
    const { url, tls } = tlsOf(tokenUrl, 'KAFKA_OAUTH_TOKEN_URL')
    const sign = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`
    const at = `the token endpoint ${new URL(url).host}`
    let response: Answer
    let text: string
    try {
      const request = {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(sign).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }).toString(),
        signal: AbortSignal.timeout(timeoutMs),
      }
      response = await askHttp(url, request, tls)
      text = await textOf(response)
    } catch (error) {
      const fault = tlsFault(error, urlSettings('KAFKA_OAUTH_TOKEN_URL', tls?.cert !== undefined))
      if (fault !== undefined) throw new UnfitError(`${at}: ${fault}`)
      const { cause, message } = error as Error
      throw new UnavailableError(`${at} does not answer: ${cause instanceof Error ? cause.message : message}`)
    }
    const { access_token: value, expires_in: seconds, error } = parsed(text)
    if (!response.ok || typeof value !== 'string') {
      const why = typeof error === 'string' ? ` (${error})` : ''
      const Refused = response.status < 500 ? UnfitError : UnavailableError
      throw new Refused(
        `${at} gave no token, status ${response.status}${why}: check KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET`,
      )
    }
    return { value, endsAtMs: this.nowMs() + (typeof seconds === 'number' ? seconds : 300) * 1000 }
  }
}

function parsed(text: string): { access_token?: unknown; expires_in?: unknown; error?: unknown } {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
