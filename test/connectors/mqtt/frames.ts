import type { FrameChunk } from '../../../src/connectors/mqtt/frame-encoder'

export interface Frame {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
  readonly id?: number
}

/** Reads PUBLISH packets, written from the specification alone (MQTT 3.1.1, 3.3). */
export function readFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  let at = 0
  while (at < bytes.length) {
    const first = bytes[at++]!
    if (first >> 4 !== 3) throw new Error(`no PUBLISH at ${at - 1}`)
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!
      length |= (byte & 127) << shift
      if (byte < 128) break
    }
    const end = at + length
    const topicEnd = at + 2 + bytes.readUInt16BE(at)
    const qos = (first >> 1) & 3
    const payloadAt = topicEnd + (qos > 0 ? 2 : 0)
    frames.push({
      topic: bytes.toString('utf8', at + 2, topicEnd),
      payload: bytes.toString('utf8', payloadAt, end),
      qos,
      retain: (first & 1) === 1,
      ...(qos > 0 ? { id: bytes.readUInt16BE(topicEnd) } : {}),
    })
    at = end
  }
  return frames
}

export const framesOf = (chunk: unknown) => readFrames((chunk as FrameChunk).frames)
