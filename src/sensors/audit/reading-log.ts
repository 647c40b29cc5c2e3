/** The readings of one partition in the order of the log, as columns. Times are micros. */
export class ReadingLog {
  count = 0
  private offsets = new Float64Array(1024)
  private sensors = new Int32Array(1024)
  private temperatures = new Float64Array(1024)
  private timestamps = new Float64Array(1024)
  /** Offsets of the records that are no readings: the dead letters. */
  readonly dead: number[] = []

  constructor(
    readonly partition: number,
    /** The log's stretch that was read: `[from, to)`. */
    readonly from: number,
    readonly to: number,
  ) {}

  add(offset: number, sensor: number, temperature: number, timestampMicros: number): void {
    if (this.count === this.offsets.length) this.grow()
    const at = this.count++
    this.offsets[at] = offset
    this.sensors[at] = sensor
    this.temperatures[at] = temperature
    this.timestamps[at] = timestampMicros
  }

  offsetAt(index: number): number {
    return this.offsets[index]!
  }

  sensorAt(index: number): number {
    return this.sensors[index]!
  }

  temperatureAt(index: number): number {
    return this.temperatures[index]!
  }

  timestampAt(index: number): number {
    return this.timestamps[index]!
  }

  /** Index of the reading at an offset, or -1. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.offsetAt(middle) < offset) low = middle + 1
      else high = middle
    }
    return low < this.count && this.offsets[low] === offset ? low : -1
  }

  private grow(): void {
    const twice = <A extends Float64Array | Int32Array>(old: A, grown: A): A => {
      grown.set(old)
      return grown
    }
    const size = this.offsets.length * 2
    this.offsets = twice(this.offsets, new Float64Array(size))
    this.sensors = twice(this.sensors, new Int32Array(size))
    this.temperatures = twice(this.temperatures, new Float64Array(size))
    this.timestamps = twice(this.timestamps, new Float64Array(size))
  }
}
