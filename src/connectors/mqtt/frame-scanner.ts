/** Called with a PUBLISH: its bytes, and where its topic and its payload begin and end; `retained`: the broker had kept it. The bytes may be read only during the call. */
export type OnPublish = (
  bytes: Buffer,
  topicStart: number,
  topicEnd: number,
  payloadStart: number,
  payloadEnd: number,
  retained: boolean,
) => void

const publish = 3
const suback = 9

/** Finds the packets (MQTT 3.1.1, section 2) in a stream of chunks, without an object for each. */
export class FrameScanner {
  private rest: Buffer | undefined

  constructor(
    private readonly onPublish: OnPublish,
    /** The first return code of a SUBACK: 0x80 is a refusal. */
    private readonly onSuback: (code: number) => void,
  ) {}

  push(chunk: Buffer): void {
    const bytes = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk])
    let at = 0
    while (at < bytes.length) {
      let length = 0
      let body = at + 1
      let shift = 0
      for (; body < bytes.length; shift += 7) {
        const byte = bytes[body++]!
        length |= (byte & 127) << shift
        if (byte < 128) break
        if (shift === 21) throw new Error('MQTT: the length of a packet has more than four bytes')
      }
      // The byte before the body ends the length, unless the chunk ended first.
      if (body === at + 1 || bytes[body - 1]! > 127 || body + length > bytes.length) break
      this.packet(bytes, at, body, body + length)
      at = body + length
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : undefined
  }

  private packet(bytes: Buffer, at: number, body: number, end: number): void {
    const type = bytes[at]! >> 4
    if (type === suback) this.onSuback(bytes[body + 2]!)
    if (type !== publish) return
    const topicEnd = body + 2 + ((bytes[body]! << 8) | bytes[body + 1]!)
    const qos = (bytes[at]! >> 1) & 3
    this.onPublish(bytes, body + 2, topicEnd, qos === 0 ? topicEnd : topicEnd + 2, end, (bytes[at]! & 1) === 1)
  }
}
