import type { FrameChunk } from '../frame-encoder'
import type { MqttTarget } from '../mqtt-target'
import type { MqttVersion } from '../mqtt-version'
import { remainingLength } from '../remaining-length'

/** A PUBLISH of QoS 0 that waits to be sent. */
interface Frame {
  readonly target: MqttTarget
  readonly version: MqttVersion
  readonly bytes: Buffer
  /** Where the topic begins and ends. */
  readonly topicStart: number
  readonly topicEnd: number
}

/** Frames that were taken to be sent, by topic, in their order. */
export type Taken = ReadonlyMap<string, Frame>

/**
 * The newest frame of each MQTT topic that the broker hasn't been sent yet: a newer one takes the place of the one that waits, which the target
 * counts. Its memory is bounded by the number of topics, however long the broker is away.
 */
export class LatestFrames {
  /** By topic, the one that has waited longest first. */
  private readonly waiting = new Map<string, Frame>()

  get size(): number {
    return this.waiting.size
  }

  offer(target: MqttTarget, { frames, ends, count, version }: FrameChunk): void {
    let start = 0
    for (let i = 0; i < count; i++) {
      const end = ends[i] as number
      const bodyStart = behindLength(frames, start + 1)
      const topicStart = bodyStart + 2
      const topicEnd = topicStart + frames.readUInt16BE(bodyStart)
      const topic = frames.toString('latin1', topicStart, topicEnd)
      const replaced = this.overtaken(topic)
      // A copy of its own: a view would keep the whole chunk, and one of Node's pool what was cut from the pool beside it.
      const bytes = replaced?.bytes.length === end - start ? replaced.bytes : Buffer.allocUnsafeSlow(end - start)
      frames.copy(bytes, 0, start, end)
      this.waiting.set(topic, { target, version, bytes, topicStart: topicStart - start, topicEnd: topicEnd - start })
      start = end
    }
  }

  /** Takes those that have waited longest: about `mostBytes`, `most` of them at most. */
  take(mostBytes: number, most = Number.POSITIVE_INFINITY): Taken {
    const taken = new Map<string, Frame>()
    let bytes = 0
    for (const [topic, frame] of this.waiting) {
      if (bytes >= mostBytes || taken.size >= most) break
      bytes += frame.bytes.length
      taken.set(topic, frame)
      this.waiting.delete(topic)
    }
    return taken
  }

  /** They may not have arrived: they wait again, unless a newer one of their topic does. */
  putBack(taken: Taken): void {
    const newer = [...this.waiting]
    this.waiting.clear()
    for (const [topic, frame] of [...taken, ...newer]) {
      this.overtaken(topic)
      this.waiting.set(topic, frame)
    }
  }

  /** The frame that a newer one of its topic takes the place of. */
  private overtaken(topic: string): Frame | undefined {
    const frame = this.waiting.get(topic)
    frame?.target.live?.skip()
    return frame
  }
}

/** What was taken as chunks, one a target, in the version that the broker speaks now. */
export function chunksOf(taken: Taken): ReadonlyMap<MqttTarget, FrameChunk> {
  const byTarget = new Map<MqttTarget, Buffer[]>()
  for (const frame of taken.values()) {
    const { target } = frame
    const bytes = inVersion(frame, target.rules.version)
    // Made while the broker was away, and with it what it takes.
    if (bytes.length > target.rules.mostBytes) {
      target.live?.skip()
      continue
    }
    const own = byTarget.get(target) ?? []
    own.push(bytes)
    byTarget.set(target, own)
  }
  return new Map(
    [...byTarget].map(([target, list]) => {
      const frames = Buffer.concat(list)
      const ends = new Int32Array(list.length)
      let end = 0
      for (const [i, { length }] of list.entries()) ends[i] = end += length
      return [target, { count: list.length, bytes: frames.length, version: target.rules.version, frames, ends }]
    }),
  )
}

/** Where a packet's remaining length, which begins at `at`, ends. */
function behindLength(bytes: Buffer, at: number): number {
  let end = at
  while ((bytes[end] as number) > 127) end++
  return end + 1
}

/** MQTT 5 has the length of no properties behind the topic (3.3.2.3), and 3.1.1 hasn't. */
function inVersion({ version, bytes, topicStart, topicEnd }: Frame, wanted: MqttVersion): Buffer {
  if (version === wanted) return bytes
  const topic = bytes.subarray(topicStart - 2, topicEnd)
  const payload = bytes.subarray(version === 5 ? topicEnd + 1 : topicEnd)
  const properties = Buffer.alloc(wanted === 5 ? 1 : 0)
  const length = Buffer.from(remainingLength(topic.length + properties.length + payload.length))
  return Buffer.concat([bytes.subarray(0, 1), length, topic, properties, payload])
}
