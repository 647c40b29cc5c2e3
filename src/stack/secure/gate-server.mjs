// What a secured stack has in front of its schema registry, which knows neither TLS nor users, and where Kafka's clients get their tokens:
// `node gate-server.mjs <folder> <stack.json> <port> <token port>`.
import { sign, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'

const [folder, stateFile] = process.argv.slice(2, 4)
const [port, tokenPort] = process.argv.slice(4).map(Number)
const read = name => readFileSync(join(folder, name), 'utf8')
const say = line => process.stderr.write(`${line}\n`)
const tls = { cert: read('server.pem'), key: read('server.key'), minVersion: 'TLSv1.2' }
const user = 'weir'
const tokenLifeSeconds = 300

/** Whether a request signs in as the user (RFC 7617). */
function signsIn({ headers }, secret) {
  const given = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
  const [got, wanted] = [Buffer.from(given, 'base64'), Buffer.from(`${user}:${secret}`)]
  return got.length === wanted.length && timingSafeEqual(got, wanted)
}

function answer(response, status, body, headers = {}) {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(text)
}

/** The registry may be on another port after its next start. */
function registryPort() {
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8')).registry?.port
  } catch {
    return undefined
  }
}

function passOn(asked, response) {
  if (!signsIn(asked, read('registry-password')))
    return answer(
      response,
      401,
      { error_code: 401, message: 'Unauthorized' },
      { 'www-authenticate': 'Basic realm="registry"' },
    )
  const { authorization: _, ...headers } = asked.headers
  const options = { host: '127.0.0.1', port: registryPort(), method: asked.method, path: asked.url, headers }
  const there = request(options, given => {
    response.writeHead(given.statusCode, given.headers)
    given.pipe(response)
  })
  there.on('error', error => {
    if (response.headersSent) return response.destroy()
    answer(response, 502, { error_code: 50201, message: `the registry does not answer: ${error.message}` })
  })
  asked.pipe(there)
}

const part = value => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A signed token (RFC 7519), as Kafka's validator wants it. */
function newToken() {
  const now = Math.floor(Date.now() / 1000)
  const head = part({ alg: 'RS256', typ: 'JWT', kid: 'weir-stack' })
  const claims = {
    iss: 'weir-stack',
    aud: 'weir-kafka',
    sub: user,
    scope: 'kafka',
    iat: now,
    exp: now + tokenLifeSeconds,
  }
  const text = `${head}.${part(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), read('token.key')).toString('base64url')}`
}

/** Client credentials for a token (RFC 6749, 4.4). */
function giveToken(asked, response) {
  let body = ''
  asked.setEncoding('utf8')
  asked.on('data', chunk => {
    body += chunk
    if (body.length > 10_000) asked.destroy()
  })
  asked.on('end', () => {
    if (asked.method !== 'POST' || asked.url !== '/token') return answer(response, 404, { error: 'not_found' })
    if (!signsIn(asked, encodeURIComponent(read('oauth-secret'))))
      return answer(response, 401, { error: 'invalid_client' })
    if (new URLSearchParams(body).get('grant_type') !== 'client_credentials')
      return answer(response, 400, { error: 'unsupported_grant_type' })
    answer(response, 200, { access_token: newToken(), token_type: 'Bearer', expires_in: tokenLifeSeconds })
  })
}

for (const [server, at] of [
  [createServer(tls, passOn), port],
  [createServer(tls, giveToken), tokenPort],
]) {
  server.on('error', error => {
    say(`port ${at}: ${error.message}`)
    process.exit(1)
  })
  server.on('tlsClientError', error => say(`a client's TLS failed: ${error.message}`))
  server.listen(at, '127.0.0.1', () => say(`listening on 127.0.0.1:${at}`))
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
