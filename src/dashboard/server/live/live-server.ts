import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { ProblemError, problemOf, statusOf } from '../problems'
import type { Guard } from '../web/guard'
import { Connection, type ConnectionOptions } from './connection'

/** The most windows that are connected to one server. */
const maxConnections = 100
/** The most bytes of a client's message. */
const maxMessageBytes = 64 * 1024

/** Live connections at `/api/live` of an HTTP server. */
export class LiveServer {
  private readonly sockets = new WebSocketServer({
    ...{ noServer: true, maxPayload: maxMessageBytes, clientTracking: false },
    perMessageDeflate: { threshold: 1024, zlibDeflateOptions: { level: 1 }, concurrencyLimit: 4 },
  })
  private readonly connections = new Set<Connection>()

  constructor(
    server: Server,
    private readonly guard: Guard,
    private readonly options: ConnectionOptions,
  ) {
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head))
  }

  close(): void {
    for (const connection of this.connections) connection.close()
    this.sockets.close()
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const { url = '', method = '', headers } = request
    try {
      if (url.split('?')[0] !== '/api/live') throw new ProblemError('not-found', 'Live connections are at /api/live.')
      this.guard.check({ url, method, headers })
      if (this.connections.size >= maxConnections)
        throw new ProblemError('too-many', `${maxConnections} windows are open already.`)
    } catch (error) {
      const problem = problemOf(error)
      socket.end(
        `HTTP/1.1 ${statusOf(problem)} Refused\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(problem)}`,
      )
      return
    }
    this.sockets.handleUpgrade(request, socket, head, opened => {
      const connection = new Connection(opened, this.options)
      this.connections.add(connection)
      opened.on('close', () => this.connections.delete(connection))
    })
  }
}
