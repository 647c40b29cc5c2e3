import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { joinPair } from '../scenarios/world/tcp-pair'

/** What of the bytes that a service sends is passed on. */
export type Passes = (bytes: Buffer) => Buffer

/** A way to a service that can fall silent: it takes connections and bytes as before, and nothing comes back. */
export class Muffler {
  /** Connections that were taken. */
  connections = 0
  /** Those that were taken while it was silent. */
  taken = 0
  private silent = false
  private isWhole = false
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    private readonly passesOf: () => Passes,
  ) {
    server.on('connection', socket => this.join(socket))
  }

  /** `passesOf` gives, for each connection, what of the answers is passed on: all unless given. */
  static async before(url: string, passesOf: () => Passes = () => bytes => bytes): Promise<Muffler> {
    const server = createServer()
    const muffler = new Muffler(server, new URL(url), passesOf)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return muffler
  }

  /** The service's address by this way. */
  get url(): string {
    const way = new URL(this.target)
    way.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`
    return way.toString()
  }

  hush(): void {
    this.silent = true
    this.taken = 0
  }

  /** All answers come again; connections that have lost some end, as they can't be gone on with. */
  speak(): void {
    this.silent = false
    this.isWhole = true
    for (const socket of this.sockets) socket.destroy()
  }

  close(): void {
    this.speak()
    this.server.close()
  }

  private join(client: Socket): void {
    this.connections++
    if (this.silent) this.taken++
    const server = connect(Number(this.target.port), this.target.hostname)
    const passes: Passes = this.isWhole ? bytes => bytes : this.passesOf()
    joinPair(client, server, this.sockets, (bytes, from) => {
      if (this.silent) return undefined
      return from === server ? passes(bytes) : bytes
    })
  }
}
