import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { OauthTokens } from '../../../src/connectors/kafka/wire/oauth-token'
import { UnavailableError } from '../../../src/errors'

interface Seen {
  readonly authorization: string | undefined
  readonly body: string
}

/** A token endpoint that answers as `answer` does; `seen` is what it was asked. */
async function endpoint(answer: (response: ServerResponse) => void) {
  const seen: Seen[] = []
  const server = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      seen.push({ authorization: request.headers.authorization, body })
      answer(response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const close = () => new Promise<void>(resolve => server.close(() => resolve()))
  return { seen, close, tokenUrl: `http://127.0.0.1:${port}/token` }
}
const json = (status: number, body: object) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body))
}
const client = { mechanism: 'oauthbearer', clientId: 'a:b', clientSecret: 'marked/secret' } as const

test('one token serves until shortly before it ends, and then another one is fetched', async () => {
  let given = 0
  const at = await endpoint(response => json(200, { access_token: `token-${++given}`, expires_in: 100 })(response))
  let nowMs = 0
  const tokens = new OauthTokens({ ...client, tokenUrl: at.tokenUrl, scope: 'kafka' }, () => nowMs)
  expect([await tokens.value(), await tokens.value()]).toEqual(['token-1', 'token-1'])
  nowMs = 69_999
  expect(await tokens.value()).toBe('token-1')
  nowMs = 70_001
  expect(await tokens.value()).toBe('token-2')
  const [first] = at.seen
  expect(first?.body).toBe('grant_type=client_credentials&scope=kafka')
  // RFC 6749, 2.3.1: both are form-encoded before they are joined.
  expect(Buffer.from(first?.authorization?.slice(6) ?? '', 'base64').toString()).toBe('a%3Ab:marked%2Fsecret')
  await at.close()
})

test.each([
  [
    json(401, { error: 'invalid_client' }),
    'status 401 (invalid_client): check KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET',
  ],
  [json(200, { token: 'x' }), 'gave no token, status 200'],
  [(response: ServerResponse) => void response.writeHead(502, { connection: 'close' }).end('<html>'), 'status 502'],
  [(response: ServerResponse) => void response.destroy(), 'does not answer'],
])('%# is an outage that shows no secret, and is asked again', async (answer, message) => {
  let isWell = false
  const at = await endpoint(response => (isWell ? json(200, { access_token: 'good' })(response) : answer(response)))
  const tokens = new OauthTokens({ ...client, tokenUrl: at.tokenUrl })
  const error = await tokens.value().catch(each => each)
  expect(error).toBeInstanceOf(UnavailableError)
  expect(error.message).toContain(message)
  expect(error.message).not.toContain('marked')
  isWell = true
  expect(await tokens.value()).toBe('good')
  await at.close()
})
