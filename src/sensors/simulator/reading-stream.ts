import type { Reading } from '../../../schemas/types'
import type { FleetPlan } from './fleet-options'
import { seededRandom } from './random'

/** A reading that waits for later ones of its sensor. */
interface Held {
  readonly reading: Reading
  readonly copies: number
  /** So many readings of the sensor go out first. */
  left: number
}

const coldest = 20
const span = 20
/** The most by which a sensor's temperature moves from one reading to the next. */
const stride = span / 100
const maxHeldBack = 10
const maxHeldBackSeconds = 3

/**
 * The fleet's readings in the order of sending: the sensors take turns, and each has its share of late, duplicated and
 * out-of-order readings. A sensor's temperature begins anywhere and walks from there. A sensor never has two readings of the same event time: those in time have even microseconds, late
 * ones odd.
 */
export class ReadingStream {
  readonly counters = { readings: 0, late: 0, duplicates: 0, outOfOrder: 0 }
  private readonly random: () => number
  private readonly lastTimes: Float64Array
  /** NaN before a sensor's first reading. */
  private readonly temperatures: Float64Array
  private readonly held = new Map<number, Held>()
  private readonly lateByMicros: number
  private readonly maxHeld: number
  private turn = 0

  constructor(
    private readonly plan: FleetPlan,
    private readonly emit: (reading: Reading) => void,
  ) {
    this.random = seededRandom(plan.seed)
    this.lastTimes = new Float64Array(plan.sensors)
    this.temperatures = new Float64Array(plan.sensors).fill(Number.NaN)
    this.lateByMicros = 2 * Math.round(plan.lateByMs * 500)
    const wanted = plan.rate === 'max' ? maxHeldBack : Math.floor(plan.rate * maxHeldBackSeconds)
    this.maxHeld = Math.max(1, Math.min(maxHeldBack, wanted))
  }

  /** The next sensor measures, at `nowMicros`. */
  next(nowMicros: number): void {
    const sensor = this.turn
    this.turn = sensor + 1 === this.plan.sensors ? 0 : sensor + 1
    const reading = this.measure(sensor, nowMicros)
    const copies = this.happens(this.plan.duplicates) ? 2 : 1
    this.counters.duplicates += copies - 1
    if (this.happens(this.plan.outOfOrder) && !this.held.has(sensor)) {
      this.counters.outOfOrder++
      this.held.set(sensor, { reading, copies, left: 1 + Math.floor(this.random() * this.maxHeld) })
      return
    }
    this.send(reading, copies)
    if (this.held.size > 0) this.release(sensor)
  }

  /** Sends what was held back. */
  finish(): void {
    for (const { reading, copies } of this.held.values()) this.send(reading, copies)
    this.held.clear()
  }

  private measure(sensor: number, nowMicros: number): Reading {
    const now = Math.max(2 * Math.floor(nowMicros / 2), (this.lastTimes[sensor] as number) + 2)
    this.lastTimes[sensor] = now
    const temperature = this.temperatureOf(sensor)
    const late = this.happens(this.plan.late)
    this.counters.readings++
    if (late) this.counters.late++
    return { sensor_id: sensor + 1, temperature, timestamp: late ? now - this.lateByMicros + 1 : now }
  }

  private temperatureOf(sensor: number): number {
    const before = this.temperatures[sensor] as number
    const share = this.random()
    const walked = Number.isNaN(before) ? coldest + span * share : before + stride * (2 * share - 1)
    // From either end of what there is it walks back.
    const hottest = coldest + span
    const temperature = walked < coldest ? 2 * coldest - walked : walked > hottest ? 2 * hottest - walked : walked
    this.temperatures[sensor] = temperature
    return temperature
  }

  private happens(share: number): boolean {
    return share > 0 && this.random() < share
  }

  private send(reading: Reading, copies: number): void {
    for (let i = 0; i < copies; i++) this.emit(reading)
  }

  private release(sensor: number): void {
    const held = this.held.get(sensor)
    if (held === undefined || --held.left > 0) return
    this.held.delete(sensor)
    this.send(held.reading, held.copies)
  }
}
