import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Side = 'client' | 'server'

/** What the network does to a link. */
export interface Trouble {
  /** Bytes take so long, ms. */
  readonly latencyMs?: number
  readonly bytesPerSecond?: number
  /** Bytes come in pieces: one, a few, the rest. */
  readonly isSliced?: boolean
  /** Nothing gets through; connections stay, and all comes when the trouble is over. */
  readonly isHeld?: boolean
  /** What this side sends is lost, and neither of them is told: its connections end with the trouble. */
  readonly lost?: Side
  /** New connections are refused. */
  readonly isClosed?: boolean
}

/** Sees the bytes of a client before they go on; `lose` keeps them, `cut` ends both connections. */
export type Watch = (bytes: Buffer, cut: () => void) => 'pass' | 'lose'

/** Between two pieces, ms. */
const SLICE_MS = 2

/** Bytes in one direction of one connection. */
class Stream {
  private queue: { readonly bytes: Buffer; readonly dueMs: number }[] = []
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly trouble: () => Trouble,
    private readonly sidesLost: () => boolean,
  ) {}

  take(bytes: Buffer): void {
    if (this.sidesLost()) return
    const { latencyMs = 0, isSliced = false, bytesPerSecond, isHeld } = this.trouble()
    const isGood = latencyMs === 0 && !isSliced && bytesPerSecond === undefined && !isHeld
    if (isGood && this.queue.length === 0) {
      this.write(bytes)
      return
    }
    const due = performance.now() + latencyMs
    const cuts = isSliced ? [0, 1, 7, bytes.length] : [0, bytes.length]
    for (const [i, at] of cuts.slice(0, -1).entries()) {
      const piece = bytes.subarray(at, cuts[i + 1])
      if (piece.length > 0) this.queue.push({ bytes: piece, dueMs: due + i * SLICE_MS })
    }
    // What waits is bounded by the sender's window.
    this.from.pause()
    this.pump()
  }

  /** Goes on where the trouble allows it. */
  pump(): void {
    while (this.timer === undefined && !this.to.destroyed) {
      const { isHeld, bytesPerSecond } = this.trouble()
      const [next] = this.queue
      if (next === undefined) {
        this.from.resume()
        return
      }
      if (isHeld) return
      const wait = next.dueMs - performance.now()
      if (wait > 0) {
        this.later(wait)
        return
      }
      this.queue.shift()
      this.write(next.bytes)
      if (bytesPerSecond !== undefined) this.later((next.bytes.length / bytesPerSecond) * 1000)
    }
  }

  private later(ms: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.pump()
    }, ms)
  }

  private write(bytes: Buffer): void {
    if (this.to.destroyed || this.to.write(bytes)) return
    this.from.pause()
    this.to.once('drain', () => this.pump())
  }
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  readonly streams: readonly Stream[]
}

/** A port that leads to a server, on a network that can be made bad. */
export class TcpLink {
  private readonly pairs = new Set<Pair>()
  private trouble: Trouble = {}
  /** Sees what clients send. */
  watch: Watch | undefined

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', socket => this.join(socket))
  }

  static async to(port: number): Promise<TcpLink> {
    const server = createServer({ noDelay: true })
    const link = new TcpLink(server, port)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return link
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get connections(): number {
    return this.pairs.size
  }

  begin(trouble: Trouble): void {
    this.trouble = trouble
    if (trouble.isClosed) this.cut()
  }

  /** The network is good again. What was lost of a connection can't be mended: it ends. */
  end(): void {
    const { lost } = this.trouble
    this.trouble = {}
    if (lost !== undefined) this.cut()
    for (const { streams } of this.pairs) for (const stream of streams) stream.pump()
  }

  /** Breaks all connections, by a reset. */
  cut(): void {
    for (const { client, server } of this.pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  async close(): Promise<void> {
    this.cut()
    const closed = once(this.server, 'close')
    this.server.close()
    await closed
  }

  private join(client: Socket): void {
    if (this.trouble.isClosed) return void client.resetAndDestroy()
    const server = connect({ port: this.target, host: '127.0.0.1', noDelay: true })
    const lost = (side: Side) => () => this.trouble.lost === side
    const up = new Stream(client, server, () => this.trouble, lost('client'))
    const down = new Stream(server, client, () => this.trouble, lost('server'))
    const pair: Pair = { client, server, streams: [up, down] }
    this.pairs.add(pair)
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      socket.on('error', () => {})
      socket.once('close', () => {
        this.pairs.delete(pair)
        cut()
      })
    }
    client.on('data', bytes => {
      if (this.watch?.(bytes, cut) !== 'lose') up.take(bytes)
    })
    server.on('data', bytes => down.take(bytes))
  }
}
