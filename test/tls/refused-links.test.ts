import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, TLSSocket } from 'node:tls'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { createCluster } from '../../src/connectors/kafka'
import { connectOnce } from '../../src/connectors/mqtt/mqtt-client'
import { migrate } from '../../src/connectors/postgres/migrate'
import { issue, makeAuthority } from '../../src/stack/secure/certificates'

let folder: string
const servers: Server[] = []
const sockets: Socket[] = []
const text = (name: string) => readFileSync(join(folder, name), 'utf8')
const file = (name: string) => encodeURIComponent(join(folder, name))

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-links-'))
  makeAuthority(folder, 'ca', 'an authority')
  issue(folder, 'ca', 'server', { name: 'server', hosts: 'DNS:localhost' })
  issue(folder, 'ca', 'client', { name: 'client' })
  makeAuthority(folder, 'stranger', 'a stranger')
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all(servers.map(server => new Promise(done => server.close(done))))
  rmSync(folder, { recursive: true, force: true })
})

const listening = (server: Server): Promise<number> => {
  servers.push(server)
  server.on('connection', socket => sockets.push(socket.on('error', () => undefined)))
  return new Promise(done => server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port)))
}
const ours = () => ({
  ...{ ca: text('ca.pem'), cert: text('server.pem'), key: text('server.key') },
  ...{ requestCert: true, rejectUnauthorized: true },
})
/** Takes a client's certificate, and says nothing more. */
const tls = () => listening(createServer(ours()).on('tlsClientError', () => undefined))
/** TLS after Postgres's question for it. */
const postgres = () =>
  listening(
    createTcpServer(socket =>
      socket.once('data', () => {
        socket.write('S')
        new TLSSocket(socket, { isServer: true, ...ours() }).on('error', () => undefined)
      }),
    ),
  )

const right = () => `sslcert=${file('client.pem')}&sslkey=${file('client.key')}`
const ca = () => `sslrootcert=${file('ca.pem')}`
const kafka = (at: string, ssl: object) =>
  createCluster({ brokers: [at], clientId: 'c', ssl, connectionTimeoutMs: 5_000 }).connect()
const mqtt = (url: string) => connectOnce({ url, clientId: 'c', timeoutMs: 5_000 })
const registry = (url: string) => new ConfluentRegistry({ url }).hasSubject('none')

const links: readonly (readonly [what: string, link: () => Promise<unknown>, says: RegExp])[] = [
  [
    'Kafka, another authority',
    async () => kafka(`localhost:${await tls()}`, { ca: text('stranger.pem') }),
    /by KAFKA_SSL_CA$/,
  ],
  [
    'Kafka, another name',
    async () => kafka(`127.0.0.1:${await tls()}`, { ca: text('ca.pem') }),
    /for DNS:localhost, not for 127\.0\.0\.1: write one of its names in KAFKA_BROKERS$/,
  ],
  [
    'Kafka, no certificate',
    async () => kafka(`localhost:${await tls()}`, { ca: text('ca.pem') }),
    /give one by KAFKA_SSL_CERT and KAFKA_SSL_KEY$/,
  ],
  [
    'registry, another authority',
    async () => registry(`https://localhost:${await tls()}?sslrootcert=${file('stranger.pem')}`),
    /by sslrootcert in SCHEMA_REGISTRY_URL$/,
  ],
  [
    'registry, another name',
    async () => registry(`https://127.0.0.1:${await tls()}?${ca()}&${right()}`),
    /not for 127\.0\.0\.1: write one of its names in SCHEMA_REGISTRY_URL$/,
  ],
  [
    'registry, no certificate',
    async () => registry(`https://localhost:${await tls()}?${ca()}`),
    /wants a client's certificate: give one by sslcert and sslkey in SCHEMA_REGISTRY_URL$/,
  ],
  [
    'MQTT, another authority',
    async () => mqtt(`mqtts://localhost:${await tls()}?sslrootcert=${file('stranger.pem')}`),
    /by sslrootcert in MQTT_URL$/,
  ],
  [
    'MQTT, another name',
    async () => mqtt(`mqtts://127.0.0.1:${await tls()}?${ca()}&${right()}`),
    /not for 127\.0\.0\.1: write one of its names in MQTT_URL$/,
  ],
  [
    'MQTT, no certificate',
    async () => mqtt(`mqtts://localhost:${await tls()}?${ca()}`),
    /wants a client's certificate: give one by sslcert and sslkey in MQTT_URL$/,
  ],
  [
    'Postgres, another authority',
    async () =>
      migrate(
        `postgresql://u@localhost:${await postgres()}/d?sslmode=verify-full&sslrootcert=${file('stranger.pem')}`,
        [],
      ),
    /by sslrootcert in DATABASE_URL$/,
  ],
  [
    'Postgres, another name',
    async () => migrate(`postgresql://u@127.0.0.1:${await postgres()}/d?sslmode=verify-full&${ca()}&${right()}`, []),
    /not for 127\.0\.0\.1: write one of its names in DATABASE_URL$/,
  ],
]

test.each(links)('%s: one sentence names the setting', async (_what, link, says) => {
  const error = await link().then(
    () => new Error('no error'),
    (thrown: Error) => thrown,
  )
  expect(error.message).toMatch(says)
  expect(error.message).not.toMatch(/\n|SSL routines|KafkaJS/)
})

test('a Kafka broker that has refused is left alone for 5 s, and then asked once for all connections', async () => {
  let asked = 0
  const server = createServer(ours())
  server.on('tlsClientError', () => undefined).on('connection', () => asked++)
  const port = await listening(server)
  const ssl = { ca: text('stranger.pem') }
  const clusters = Array.from({ length: 5 }, () =>
    createCluster({ brokers: [`localhost:${port}`], clientId: 'c', connectionTimeoutMs: 5_000, ssl }),
  )
  const outcomes = () => Promise.allSettled(clusters.map(cluster => cluster.connect()))
  const reason = expect.objectContaining({ message: expect.stringContaining('KAFKA_SSL_CA') })
  const refused = clusters.map(() => ({ status: 'rejected', reason }))
  const clock = jest.spyOn(performance, 'now')
  try {
    expect(await outcomes()).toEqual(refused)
    expect(await outcomes()).toEqual(refused)
    expect(asked).toBe(1)
    const nowMs = performance.now()
    clock.mockImplementation(() => nowMs + 6_000)
    expect(await outcomes()).toEqual(refused)
    expect(asked).toBe(2)
  } finally {
    clock.mockRestore()
    for (const cluster of clusters) await cluster.disconnect()
  }
})
