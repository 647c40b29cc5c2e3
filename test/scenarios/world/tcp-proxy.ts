import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { joinPair } from './tcp-pair'

/** A way to a server that can be broken: what has come through it stays, and what is on the way is lost. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    private readonly lets: (bytes: Buffer, socket: Socket) => boolean,
  ) {
    server.on('connection', socket => this.join(socket))
  }

  /** `lets`: whether what a client sends is passed on, else it is lost. */
  static async to(port: number, lets: (bytes: Buffer, socket: Socket) => boolean = () => true): Promise<TcpProxy> {
    const server = createServer()
    const proxy = new TcpProxy(server, port, lets)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** Breaks all connections; new ones are taken at once. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    const closed = once(this.server, 'close')
    this.server.close()
    await closed
  }

  private join(client: Socket): void {
    const server = connect(this.target, '127.0.0.1')
    const lets = (bytes: Buffer, from: Socket) => from === server || this.lets(bytes, client)
    joinPair(client, server, this.sockets, (bytes, from) => (lets(bytes, from) ? bytes : undefined))
  }
}
