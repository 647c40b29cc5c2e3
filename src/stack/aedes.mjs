// The MQTT broker of a machine without mosquitto, as a process of its own: `node aedes.mjs <port> <WebSocket port> [<folder>]`. With the
// folder of certificates and passwords it wants both of every client.
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'

const say = line => process.stderr.write(`${line}\n`)
const [port, wsPort] = process.argv.slice(2, 4).map(Number)
const folder = process.argv[4]
const read = name => readFileSync(join(folder, name), 'utf8')
const tls =
  folder === undefined
    ? undefined
    : {
        ...{ ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key') },
        ...{ requestCert: true, rejectUnauthorized: true },
      }
// No client is dropped for being slow, nor for what it sends before its CONNECT is done.
const broker = await Aedes.createBroker({
  concurrency: 1000,
  queueLimit: 1_000_000,
  drainTimeout: 0,
  maxClientsIdLength: 256,
})

if (tls !== undefined) {
  const [user, password] = [read('mqtt-users').split(':')[0], read('mqtt-password')]
  broker.authenticate = (_client, name, given, done) => {
    if (name === user && String(given) === password) return done(null, true)
    // 4 of MQTT 3.1.1: bad user name or password.
    done(Object.assign(new Error('bad user name or password'), { returnCode: 4 }), false)
  }
}

const tcp =
  tls === undefined
    ? createServer({ noDelay: true }, broker.handle)
    : createTlsServer({ noDelay: true, ...tls }, broker.handle)
const upgrade = (_request, response) => response.writeHead(426).end()
const http = tls === undefined ? createHttpServer(upgrade) : createHttpsServer(tls, upgrade)
const sockets = new WebSocketServer({
  server: http,
  handleProtocols: offered => ['mqtt', 'mqttv3.1'].find(name => offered.has(name)) ?? false,
})
sockets.on('connection', (socket, request) => broker.handle(createWebSocketStream(socket), request))

for (const [server, at] of [
  [tcp, port],
  [http, wsPort],
]) {
  server.on('error', error => {
    say(`port ${at}: ${error.message}`)
    process.exit(1)
  })
  server.listen(at, '127.0.0.1', () => say(`listening on 127.0.0.1:${at}`))
}
broker.on('clientError', (client, error) => say(`client ${client.id}: ${error.message}`))
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
