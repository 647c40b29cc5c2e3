/** Timestamps of a sensor in hand: an older reading that comes again counts as another one. */
const horizon = 8192

/** What is known of a set of readings of one sensor: equal sets are equal in both, and unlike ones, but for chance, are not. */
export interface SensorReadings {
  count: number
  /** Sums of two hashes over the timestamps, each modulo 2^32. */
  first: number
  second: number
}

function mix(low: number, high: number, seed: number): number {
  let h = seed ^ Math.imul(low, 0xcc9e2d51)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) ^ Math.imul(high, 0x1b873593)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

class Timestamps implements SensorReadings {
  count = 0
  first = 0
  second = 0
  /** Ascending. */
  private readonly recent: number[] = []

  /** False when it is there already. */
  add(timestamp: number): boolean {
    const { recent } = this
    let at = recent.length
    while (at > 0 && recent[at - 1]! > timestamp) at--
    if (at > 0 && recent[at - 1] === timestamp) return false
    if (at === recent.length) recent.push(timestamp)
    else recent.splice(at, 0, timestamp)
    if (recent.length > 2 * horizon) recent.splice(0, horizon)
    const high = Math.floor(timestamp / 2 ** 32)
    const low = (timestamp % 2 ** 32) | 0
    this.count++
    this.first = (this.first + mix(low, high, 0x9747b28c)) >>> 0
    this.second = (this.second + mix(low, high, 0x3c6ef372)) >>> 0
    return true
  }
}

/** Readings known by sensor and timestamp (micros), in a memory that does not grow with their number. */
export class ReadingSet {
  distinct = 0
  duplicates = 0
  private readonly sensors = new Map<number, Timestamps>()

  add(sensor: number, timestamp: number): boolean {
    let timestamps = this.sensors.get(sensor)
    if (timestamps === undefined) this.sensors.set(sensor, (timestamps = new Timestamps()))
    const isNew = timestamps.add(timestamp)
    if (isNew) this.distinct++
    else this.duplicates++
    return isNew
  }

  /** Sensor, count and both sums of each sensor. */
  summary(): [number, number, number, number][] {
    return [...this.sensors].map(([sensor, { count, first, second }]) => [sensor, count, first, second])
  }
}
