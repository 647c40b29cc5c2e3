// The MQTT broker of a machine without mosquitto, as a process of its own: `node aedes.mjs <port> <WebSocket port>`.
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'

const say = line => process.stderr.write(`${line}\n`)
const [port, wsPort] = process.argv.slice(2).map(Number)
// No client is dropped for being slow, nor for what it sends before its CONNECT is done.
const broker = await Aedes.createBroker({
  concurrency: 1000,
  queueLimit: 1_000_000,
  drainTimeout: 0,
  maxClientsIdLength: 256,
})

const tcp = createServer({ noDelay: true }, broker.handle)
const http = createHttpServer((_request, response) => response.writeHead(426).end())
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
