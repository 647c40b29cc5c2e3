import { Duplex } from 'node:stream'
import type { Connection } from '../../../src/light/world/world'
import type { Kernel } from '../world/kernel'
import { MQTT } from '../world/virtual-network'
import type { EndWeather, Fate } from './line'
import { kindOf, PacketScanner } from './mqtt-packets'

/** What a request needs at the broker at least, until it counts as done, ms: more than aedes takes for it. */
const WORK_MS = 0.5

/** The broker's end of a connection: what arrives, and what is answered, meets the weather here. */
export class BrokerLine extends Duplex {
  /** Whose connection it is; aedes writes a `client` of its own into its connections. */
  private readonly worker: string
  private readonly scanner = new PacketScanner()
  private arrivesAt = 0
  private answeredAt = 0
  /** Until when answers are held back, since what they answer isn't done yet or its answer is slow. */
  private heldUntil = 0
  /** Nothing that is answered from now on leaves. */
  private isMute = false
  /** Nothing comes any more. */
  private isOver = false

  constructor(
    private readonly kernel: Kernel,
    private readonly connection: Connection,
    private readonly weather: EndWeather,
  ) {
    super({ allowHalfOpen: false })
    this.worker = connection.from.slice(1)
    connection.onData(bytes => this.arrived(bytes))
    // After what arrived before it and waits.
    connection.onClose(() => kernel.at(this.arrivesAt, () => this.over(), MQTT))
  }

  /** As a broker that is killed leaves its connections: whole packets that it has read are all that it knows. */
  vanish(): void {
    this.isMute = true
    this.over()
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    const { kernel, connection } = this
    const copy = Buffer.from(bytes)
    if (!this.isMute) {
      this.answeredAt = Math.max(this.answeredAt, this.heldUntil, kernel.time)
      if (this.answeredAt === kernel.time) connection.write(copy)
      else kernel.at(this.answeredAt, () => this.isMute || connection.write(copy), MQTT)
    }
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { kernel, connection } = this
    this.isOver = true
    // Behind the last answer.
    kernel.at(Math.max(this.answeredAt, kernel.time), () => connection.close(), MQTT)
    done(error)
  }

  private arrived(bytes: Buffer): void {
    if (this.isOver) return
    const packets = this.scanner.push(bytes)
    if (packets.length === 0) return
    const { kernel, weather } = this
    const kind = kindOf(packets)
    const fate = kind === undefined ? undefined : weather.fate(kind)
    this.arrivesAt = Math.max(this.arrivesAt, kernel.time + (fate?.thereMs ?? 0))
    kernel.at(this.arrivesAt, () => this.serve(packets, kind, fate), MQTT)
  }

  private serve(packets: readonly Buffer[], kind: string | undefined, fate: Fate | undefined): void {
    if (this.isOver) return
    if (kind === undefined || fate === undefined) {
      this.push(Buffer.concat(packets))
      return
    }
    const { kernel, weather, worker } = this
    weather.reached(`live ${kind} asked`, worker)
    if (fate.lost === 'before') {
      this.isMute = true
      // A connection may break between any two packets.
      const some = packets.slice(0, packets.length >> 1)
      if (some.length > 0) this.push(Buffer.concat(some))
      this.breakUp()
      return
    }
    if (fate.lost === 'after') this.isMute = true
    this.heldUntil = Math.max(this.heldUntil, kernel.time + WORK_MS + fate.backMs)
    const isDone = () => {
      if (this.isOver) return
      weather.reached(`live ${kind} done`, worker)
      if (fate.lost === 'after') this.breakUp()
    }
    kernel.after(WORK_MS, isDone, MQTT)
    this.push(Buffer.concat(packets))
  }

  private breakUp(): void {
    this.isMute = true
    this.over()
    this.connection.close()
  }

  private over(): void {
    if (this.isOver) return
    this.isOver = true
    this.push(null)
  }
}
