import { connectAsync, type MqttClient } from 'mqtt'
import { writeDouble, writeSeconds } from '../../src/connectors/number-text'

const blockBytes = 256 * 1024
/** More than any frame here takes. */
const longest = 512
const second = Buffer.from(',"timestamp":')

/** PUBLISH frames of QoS 0, encoded one behind the other and written in blocks onto MQTT.js's own stream. */
export class Frames {
  private block = Buffer.allocUnsafeSlow(blockBytes)
  private length = 0
  /** By sensor: the topic with its length, and the payload up to the temperature. */
  private readonly heads: Buffer[] = []

  private constructor(private readonly client: MqttClient) {}

  static async connect(url: string): Promise<Frames> {
    return new Frames(await connectAsync(url, { protocolVersion: 4, clientId: `bench-loop-${process.pid}` }))
  }

  reading(sensor: number, temperature: number, micros: number): void {
    if (this.length + longest > blockBytes) this.flush()
    const { block } = this
    const start = this.length
    const head = (this.heads[sensor] ??= headOf(sensor))
    // A frame below 128 bytes has one byte of length; none here is longer.
    let at = start + 2
    block.set(head, at)
    at = writeDouble(block, at + head.length, temperature)
    for (let i = 0; i < second.length; i++) block[at + i] = second[i]!
    at = writeSeconds(block, at + second.length, micros)
    block[at++] = 125
    block[start] = 0x30
    block[start + 1] = at - start - 2
    this.length = at
  }

  message(topic: string, payload: string): void {
    if (this.length + longest > blockBytes) this.flush()
    const { block } = this
    const [topicBytes, payloadBytes] = [Buffer.byteLength(topic), Buffer.byteLength(payload)]
    const remaining = 2 + topicBytes + payloadBytes
    let at = this.length
    block[at++] = 0x30
    if (remaining > 127) {
      block[at++] = (remaining & 127) | 128
      block[at++] = remaining >> 7
    } else block[at++] = remaining
    at = block.writeUInt16BE(topicBytes, at)
    at += block.write(topic, at)
    this.length = at + block.write(payload, at)
  }

  /** Resolves when the socket takes more. */
  async room(): Promise<void> {
    const { stream } = this.client
    if (stream.writableNeedDrain) await new Promise(resolve => stream.once('drain', resolve))
  }

  flush(): void {
    if (this.length === 0) return
    this.client.stream.write(this.block.subarray(0, this.length))
    this.block = Buffer.allocUnsafeSlow(blockBytes)
    this.length = 0
  }

  close(): Promise<void> {
    return this.client.endAsync()
  }
}

function headOf(sensor: number): Buffer {
  const topic = Buffer.from(`sensors/${sensor}`)
  return Buffer.concat([Buffer.from([0, topic.length]), topic, Buffer.from(`{"sensor_id":${sensor},"temperature":`)])
}
