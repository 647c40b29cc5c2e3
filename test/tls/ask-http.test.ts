import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { type Asked, askHttp, textOf } from '../../src/tls/ask-http'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const get: Asked = { method: 'GET', headers: { authorization: 'Basic a' }, signal: new AbortController().signal }

test('an answer has its status, its headers and its body', async () => {
  const url = await served((_, answer) => answer.writeHead(404, { 'content-type': 'text/plain' }).end('none'))
  const answer = await askHttp(url, get)
  expect({ status: answer.status, ok: answer.ok, type: answer.header('content-type') }).toEqual({
    ...{ status: 404, ok: false, type: 'text/plain' },
  })
  expect(answer.header('etag')).toBeUndefined()
  expect(await textOf(answer)).toBe('none')
})

test('a GET goes where the server says, and signs in with no other one', async () => {
  const seen: (string | undefined)[] = []
  const hear = ({ url, headers }: IncomingMessage) => seen.push(`${url} ${headers.authorization}`)
  const other = await served((request, answer) => {
    hear(request)
    answer.end('there')
  })
  const url = await served((request, answer) => {
    hear(request)
    const location = request.url === '/a' ? '/b' : `${other}/c`
    answer.writeHead(307, { location }).end('elsewhere')
  })
  expect(await textOf(await askHttp(`${url}/a`, get))).toBe('there')
  expect(seen).toEqual(['/a Basic a', '/b Basic a', '/c undefined'])
})

test('what is no GET stays, and a circle ends', async () => {
  let asked = 0
  const url = await served((_, answer) => {
    asked++
    answer.writeHead(302, { location: '/' }).end()
  })
  expect((await askHttp(url, { ...get, method: 'POST', body: '{}' })).status).toBe(302)
  expect(asked).toBe(1)
  expect((await askHttp(url, get)).status).toBe(302)
  expect(asked).toBe(7)
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('a body in %s is decoded; one that only says so rejects', async (coding, encode) => {
  const text = 'x'.repeat(100_000)
  const url = await served((request, answer) => {
    answer.writeHead(200, { 'content-encoding': coding })
    answer.end(request.url === '/' ? encode(text) : text)
    expect(request.headers['accept-encoding']).toContain(coding)
  })
  expect(await textOf(await askHttp(url, get))).toBe(text)
  await expect(textOf(await askHttp(`${url}/plain`, get))).rejects.toThrow('the exchange failed')
})

test('a body that breaks off rejects, with what is wrong with the link as its cause', async () => {
  const url = await served((_, answer) => {
    answer.writeHead(200, { 'content-length': '10' })
    answer.write('half', () => answer.destroy())
  })
  const answer = await askHttp(url, get)
  await expect(textOf(answer)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
})

test('a signal ends the waiting for an answer and for its body, with its own reason', async () => {
  const url = await served((request, answer) => {
    if (request.url === '/body') answer.writeHead(200).write('half')
  })
  const waiting = new AbortController()
  const first = askHttp(url, { ...get, signal: waiting.signal })
  waiting.abort(new Error('enough'))
  await expect(first).rejects.toThrow('enough')
  const reading = new AbortController()
  const answer = await askHttp(`${url}/body`, { ...get, signal: reading.signal })
  const body = textOf(answer)
  reading.abort(new Error('enough'))
  await expect(body).rejects.toThrow('enough')
})

test('who stops reading ends the connection', async () => {
  let closed: Promise<void> | undefined
  const url = await served((request, answer) => {
    closed = new Promise(done => request.socket.on('error', () => {}).on('close', () => done()))
    const flow = () => void (answer.destroyed || answer.write(Buffer.alloc(65_536), flow))
    flow()
  })
  for await (const _ of (await askHttp(url, get)).body) break
  await closed
})
