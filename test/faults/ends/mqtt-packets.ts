/** First bytes of packets, without their flags (MQTT 3.1.1, 2.2). */
const CONNECT = 0x10
const PUBLISH = 0x30

/** Cuts a stream of MQTT into whole packets. */
export class PacketScanner {
  private rest: Buffer = Buffer.alloc(0)

  push(bytes: Buffer): Buffer[] {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes])
    const packets: Buffer[] = []
    for (let end = endOf(this.rest); end !== undefined && end <= this.rest.length; end = endOf(this.rest)) {
      packets.push(this.rest.subarray(0, end))
      this.rest = this.rest.subarray(end)
    }
    return packets
  }
}

/** Where the first packet ends; undefined while its length isn't there. */
function endOf(bytes: Buffer): number | undefined {
  let length = 0
  for (let at = 1, scale = 1; at < bytes.length; at++, scale *= 128) {
    const byte = bytes[at] ?? 0
    length += (byte & 127) * scale
    if (byte < 128) return at + 1 + length
  }
  return undefined
}

/** What an end is asked by these packets: to `open` a task, to take what is written, or to prove that it has it; undefined for all else. */
export function kindOf(packets: readonly Buffer[]): 'open' | 'write' | 'commit' | undefined {
  const topics = packets.flatMap(packet => (((packet[0] ?? 0) & 0xf0) === PUBLISH ? [topicOf(packet)] : []))
  if (topics.some(topic => /^weir\/[^/]+\/barrier\//.test(topic))) return 'commit'
  if (topics.some(topic => !topic.startsWith('weir/'))) return 'write'
  // The mark of a new owner is a part of its beginning.
  return topics.length > 0 || packets.some(packet => ((packet[0] ?? 0) & 0xf0) === CONNECT) ? 'open' : undefined
}

function topicOf(packet: Buffer): string {
  let at = 1
  while ((packet[at] ?? 0) > 127) at++
  const length = packet.readUInt16BE(at + 1)
  return packet.toString('utf8', at + 3, at + 3 + length)
}
