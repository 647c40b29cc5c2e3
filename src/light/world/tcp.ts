import { createServer, type Server, type Socket } from 'node:net'
import type { Connection, Network } from './world'

/** The machine's own network. */
export const tcp: Network = {
  async listen(host, port, accept) {
    const server = createServer({ noDelay: true }, socket => accept(connectionOf(socket)))
    await listening(server, host, port)
    const address = server.address()
    const closed = () => new Promise<void>(resolve => server.close(() => resolve()))
    return { port: typeof address === 'object' && address !== null ? address.port : port, close: closed }
  },
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function connectionOf(socket: Socket): Connection {
  // A client that goes away without a word is an end like any other.
  socket.on('error', () => {})
  return {
    from: `/${socket.remoteAddress ?? 'unknown'}`,
    onData: take => void socket.on('data', take),
    onClose: closed => void socket.on('close', closed),
    write: bytes => void socket.write(bytes),
    close: () => void socket.destroy(),
  }
}
