import { EventEmitter } from 'node:events'
import type { Connection, Listener, Network } from '../../../src/light/world/world'
import { type Kernel, type Owner, WORLD } from './kernel'
import type { Random } from './random'

type Accept = (connection: Connection) => void

/** What happens on the way between two ends, as the weather has it. */
export interface Traffic {
  /** How long what is sent now is under way, ms. */
  delay(client: Owner, port: number): number
  /** Whether they arrive in two parts. */
  splits(): boolean
}

/** A client's end, as far as kafkajs knows sockets. */
export class VirtualSocket extends EventEmitter {
  constructor(private readonly wire: VirtualWire) {
    super()
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  setTimeout(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  write(data: Buffer | string): boolean {
    this.wire.toServer(Buffer.from(data as string, 'binary'))
    return true
  }
  end(): this {
    this.wire.close('client')
    return this
  }
  destroy(): this {
    this.wire.close('client')
    return this
  }
}

/** One connection: bytes and its end, in order, each way. */
export class VirtualWire {
  readonly socket = new VirtualSocket(this)
  private isOpen = true
  private toServerAt = 0
  private toClientAt = 0
  private take: ((bytes: Buffer) => void) | undefined
  private readonly closed: (() => void)[] = []

  constructor(
    private readonly network: VirtualNetwork,
    readonly client: Owner,
    readonly port: number,
  ) {}

  open(connected: () => void): void {
    const { kernel } = this.network
    if (kernel.isDead(this.client)) return
    this.deliver('server', () => {
      const accept = this.network.listening(this.port)
      if (accept === undefined) return this.refuse()
      accept(this.serverEnd())
      this.deliver('client', () => {
        if (this.isOpen) connected()
      })
    })
    kernel.note(`open ${this.client} ${this.port}`)
  }

  toServer(bytes: Buffer): void {
    if (!this.isOpen || this.network.kernel.isDead(this.client)) return
    const { kernel, traffic } = this.network
    kernel.note(bytes)
    const parts = bytes.length > 1 && traffic.splits() ? halves(bytes) : [bytes]
    for (const part of parts) this.deliver('server', () => this.take?.(part))
  }

  toClient(bytes: Buffer): void {
    if (!this.isOpen) return
    const { kernel, traffic } = this.network
    // The broker's buffer is its own to use again.
    const copy = Buffer.from(bytes)
    kernel.note(copy)
    const parts = copy.length > 1 && traffic.splits() ? halves(copy) : [copy]
    for (const part of parts)
      this.deliver('client', () => {
        if (this.isOpen) this.socket.emit('data', part)
      })
  }

  /** `by` the client or the server in good order, or `cut` under both. */
  close(by: 'client' | 'server' | 'cut'): void {
    if (!this.isOpen) return
    if (by !== 'client') {
      this.deliver('client', () => {
        if (!this.isOpen) return
        this.isOpen = false
        this.network.forget(this)
        if (by === 'cut') this.socket.emit('error', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
        else this.socket.emit('end')
        this.socket.emit('close')
      })
    } else {
      this.isOpen = false
      this.network.forget(this)
    }
    this.deliver('server', () => {
      for (const closed of this.closed.splice(0)) closed()
    })
  }

  /** The client is gone, without a word. */
  vanish(): void {
    this.isOpen = false
    this.network.forget(this)
  }

  private refuse(): void {
    this.deliver('client', () => {
      if (!this.isOpen) return
      this.isOpen = false
      this.network.forget(this)
      const error = new Error(`connect ECONNREFUSED 127.0.0.1:${this.port}`)
      this.socket.emit('error', Object.assign(error, { code: 'ECONNREFUSED' }))
    })
  }

  private serverEnd(): Connection {
    return {
      from: `/${this.client}`,
      onData: take => {
        this.take = take
      },
      onClose: closed => void this.closed.push(closed),
      write: bytes => this.toClient(bytes),
      close: () => this.close('server'),
    }
  }

  /** In order: what is sent later arrives later. */
  private deliver(to: 'server' | 'client', run: () => void): void {
    const { kernel, traffic } = this.network
    const isServer = to === 'server'
    const due = kernel.time + traffic.delay(this.client, this.port)
    const at = Math.max(due, isServer ? this.toServerAt : this.toClientAt)
    if (isServer) this.toServerAt = at
    else this.toClientAt = at
    kernel.at(at, run, isServer ? nodeAt(this.port) : this.client)
  }
}

export const FIRST_PORT = 9092

export const MQTT_PORT = 1883
export const MQTT: Owner = 'mqtt'

/** Whose events are those of the node, or the broker, that listens at `port`. */
export const nodeAt = (port: number): Owner => (port === MQTT_PORT ? MQTT : `kafka${port - FIRST_PORT + 1}`)

const halves = (bytes: Buffer) => {
  const middle = bytes.length >> 1
  return [bytes.subarray(0, middle), bytes.subarray(middle)]
}

/** All connections of a simulation. */
export class VirtualNetwork implements Network {
  private readonly ports = new Map<number, Accept>()
  private readonly wires = new Set<VirtualWire>()

  constructor(
    readonly kernel: Kernel,
    readonly traffic: Traffic,
  ) {}

  async listen(_host: string, port: number, accept: Accept): Promise<Listener> {
    this.ports.set(port, accept)
    return {
      port,
      close: async () => {
        this.ports.delete(port)
      },
    }
  }

  connect = (options: { readonly host: string; readonly port: number }, connected: () => void) => {
    const wire = new VirtualWire(this, this.kernel.owner, options.port)
    this.wires.add(wire)
    wire.open(connected)
    return wire.socket
  }

  listening(port: number): Accept | undefined {
    return this.ports.get(port)
  }

  forget(wire: VirtualWire): void {
    this.wires.delete(wire)
  }

  /** Cuts one of the connections that are open; false where none is. */
  cutOne(random: Random): boolean {
    const open = [...this.wires].filter(({ client }) => client !== WORLD)
    if (open.length === 0) return false
    random.pick(open).close('cut')
    return true
  }

  /** Cuts all connections to a port. */
  cutAll(port: number): void {
    for (const wire of [...this.wires]) if (wire.port === port) wire.close('cut')
  }

  /** Ends the connections of who was killed: at once, as the system does, or never, as when its machine is gone. */
  drop(client: Owner, isSilent: boolean): void {
    for (const wire of [...this.wires])
      if (wire.client === client) {
        if (isSilent) wire.vanish()
        else wire.close('client')
      }
  }
}
