import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { freePort } from '../../src/stack/ports'
import { probeHttp, probeKafka, probeMqtt, probePostgres, probeWebSocket } from '../../src/stack/probes'

// That a probe accepts its own service is shown on the real services; here, that it accepts nothing else.
const probes: [string, (port: number) => Promise<void>][] = [
  ['Kafka', probeKafka],
  ['Postgres', port => probePostgres(port, 'postgres', 'sensors_db')],
  ['MQTT', probeMqtt],
  ['WebSocket', probeWebSocket],
  ['HTTP', port => probeHttp(port, '/apis/ccompat/v7/subjects')],
]

const servers: [string, () => Server][] = [
  ['a server that closes at once', () => createServer(socket => socket.end())],
  [
    'a server that answers something else',
    () => createServer(socket => socket.on('data', () => socket.write('?'.repeat(64)))),
  ],
  ['a web server that knows nothing', () => createHttpServer((_request, response) => response.writeHead(404).end())],
]

describe.each(probes)('the %s probe refuses', (_name, probe) => {
  test.each(servers)('%s', async (_kind, create) => {
    const server = create()
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    await expect(probe((server.address() as AddressInfo).port)).rejects.toThrow()
    server.close()
  })

  test('a port where nobody listens', async () => {
    await expect(probe(await freePort())).rejects.toThrow()
  })
})
