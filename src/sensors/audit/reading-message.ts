const [colon, dot, zero, nine, closing] = [0x3a, 0x2e, 0x30, 0x39, 0x7d]

/**
 * Reads the sensor and the time (µs) of a raw reading's JSON, `{"sensor_id":7,"temperature":20.5,"timestamp":1700000000.123456}`,
 * without making an object; -1 for a time that can't be read. The last field is the time, the first one the sensor.
 */
export class ReadingMessage {
  sensor = -1
  timestamp = -1

  /** False when the bytes are no reading. */
  read(bytes: Buffer, start: number, end: number): boolean {
    if (end - start < 20 || bytes[end - 1] !== closing) return false
    let at = start
    while (at < end && bytes[at] !== colon) at++
    this.sensor = 0
    const first = ++at
    for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0)
      this.sensor = this.sensor * 10 + byte - zero
    if (at === first) return false
    at = end - 1
    while (at > start && bytes[at] !== colon) at--
    return this.readMicros(bytes, at + 1, end - 1)
  }

  private readMicros(bytes: Buffer, start: number, end: number): boolean {
    let micros = 0
    /** Decimals still missing to micros; counted from the dot on. */
    let missing = 6
    let fraction = false
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!
      if (byte === dot && !fraction) fraction = true
      else if (byte < zero || byte > nine) return false
      else {
        if (fraction && missing-- === 0) return false
        micros = micros * 10 + byte - zero
      }
    }
    this.timestamp = micros * 10 ** missing
    return end > start
  }
}
