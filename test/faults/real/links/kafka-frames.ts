/** Cuts a stream of bytes into Kafka's messages: four bytes of length, then so many. */
export class KafkaFrames {
  private rest: Buffer = Buffer.alloc(0)

  /** The whole messages, without their length. */
  push(bytes: Buffer): Buffer[] {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes])
    const frames: Buffer[] = []
    let at = 0
    while (all.length - at >= 4) {
      const end = at + 4 + all.readInt32BE(at)
      if (end > all.length) break
      frames.push(all.subarray(at + 4, end))
      at = end
    }
    this.rest = all.subarray(at)
    return frames
  }
}

export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(message.length + 4)
  frame.writeInt32BE(message.length, 0)
  message.copy(frame, 4)
  return frame
}
