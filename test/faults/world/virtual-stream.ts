import { Duplex } from 'node:stream'
import type { VirtualSocket } from './virtual-network'

/** A client's end of a connection as a stream, as MQTT.js wants it. */
export class VirtualStream extends Duplex {
  private hasEnded = false

  constructor(private readonly socket: VirtualSocket) {
    super({ allowHalfOpen: false })
    socket.on('data', (bytes: Buffer) => {
      if (!this.destroyed) this.push(bytes)
    })
    socket.on('end', () => this.ended())
    socket.on('error', (error: Error) => void this.destroy(error))
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.socket.write(bytes)
    done()
  }

  override _final(done: () => void): void {
    this.socket.end()
    // The other end closes, too, a moment later.
    setImmediate(() => this.ended())
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy()
    done(error)
  }

  private ended(): void {
    if (this.hasEnded || this.destroyed) return
    this.hasEnded = true
    this.push(null)
  }
}
