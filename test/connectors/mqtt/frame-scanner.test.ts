import fc from 'fast-check'
import { FrameScanner } from '../../../src/connectors/mqtt/frame-scanner'

/** A PUBLISH (MQTT 3.1.1, 3.3). */
function publish(topic: string, payload: string, { qos = 0, retain = false } = {}): Buffer {
  const name = Buffer.from(topic)
  const id = qos > 0 ? [0, 9] : []
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 255]),
    name,
    Buffer.from(id),
    Buffer.from(payload),
  ])
  const length: number[] = []
  for (let rest = body.length; ; rest >>= 7) {
    length.push((rest & 127) | (rest > 127 ? 128 : 0))
    if (rest <= 127) break
  }
  return Buffer.concat([Buffer.from([0x30 | (qos << 1) | (retain ? 1 : 0), ...length]), body])
}

const suback = (code: number) => Buffer.from([0x90, 3, 0, 1, code])
const pingresp = Buffer.from([0xd0, 0])

function scan(chunks: readonly Buffer[]): string[] {
  const seen: string[] = []
  const scanner = new FrameScanner(
    (bytes, topicStart, topicEnd, start, end, retained) =>
      seen.push(`${bytes.toString('utf8', topicStart, topicEnd)} ${bytes.toString('utf8', start, end)} ${retained}`),
    code => seen.push(`suback ${code}`),
  )
  for (const chunk of chunks) scanner.push(chunk)
  return seen
}

const long = 'x'.repeat(20_000)
const stream = Buffer.concat([
  suback(0),
  publish('sensors/1', '{"a":1}'),
  pingresp,
  publish('sensors/1/10s', '', { retain: true }),
  publish('sensors/2', long, { qos: 1 }),
  publish('ü', 'ö'),
])
const expected = ['suback 0', 'sensors/1 {"a":1} false', 'sensors/1/10s  true', `sensors/2 ${long} false`, 'ü ö false']

test('finds the packets of a stream, wherever it is cut', () => {
  expect(scan([stream])).toEqual(expected)
  const cuts = fc.array(fc.oneof(fc.nat(80), fc.nat(stream.length)), { maxLength: 20 })
  fc.assert(
    fc.property(cuts, places => {
      const sorted = [0, ...places.map(place => Math.min(place, stream.length)).sort((a, b) => a - b), stream.length]
      expect(scan(sorted.slice(1).map((end, i) => stream.subarray(sorted[i], end)))).toEqual(expected)
    }),
  )
})

test('byte by byte', () => {
  expect(scan([...stream].map(byte => Buffer.from([byte])))).toEqual(expected)
})

test('a refused subscription is told, and a length without end is an error', () => {
  expect(scan([suback(0x80)])).toEqual(['suback 128'])
  expect(() => scan([Buffer.from([0x30, 255, 255, 255, 255, 1])])).toThrow(/length/)
})
