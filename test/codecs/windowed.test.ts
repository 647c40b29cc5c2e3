import { hopping, session, sliding, tumbling } from '../../src'
import { json } from '../../src/codecs/json'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { text } from '../../src/codecs/text'
import { windowed } from '../../src/codecs/windowed'

const context = { topic: 't', part: 'key', registry: new MemoryRegistry() } as const
const key = { key: 'sensor', window: { start: 1_700_000_000_000, end: 1_700_000_010_000 } }

/** What Kafka Streams 4.1 writes: TimeWindowedSerializer and SessionWindowedSerializer over StringSerializer. */
const start = '0000018bcfe56800'
const end = '0000018bcfe58f10'
const name = Buffer.from('sensor').toString('hex')

test.each([
  ['tumbling', tumbling({ sizeMs: 10_000, graceMs: 0 }), name + start],
  ['hopping', hopping({ sizeMs: 10_000, advanceMs: 1_000, graceMs: 0 }), name + start],
  ['sliding', sliding({ timeDifferenceMs: 10_000, graceMs: 0 }), name + start],
  ['session', session({ gapMs: 5_000, graceMs: 0 }), name + end + start],
])('%s: the bytes of Kafka Streams, and back', async (_, windows, bytes) => {
  const codec = await windowed(text, windows).bind(context)
  const written = codec.encode(key)!
  expect(written.toString('hex')).toBe(bytes)
  const around = Buffer.concat([Buffer.from('x'), written, Buffer.from('y')])
  expect(codec.decode(around, 1, 1 + written.length)).toEqual(key)
})

test('keys of any kind, and null', async () => {
  const windows = session({ gapMs: 5_000, graceMs: 0 })
  const codec = await windowed(json<{ id: number }>(), windows).bind(context)
  const composed = { key: { id: 7 }, window: { start: 0, end: 5 } }
  const written = codec.encode(composed)!
  expect(codec.decode(written, 0, written.length)).toEqual(composed)
  expect(codec.encode(null as never)).toBeNull()
  expect(codec.decode(written, -1, -1)).toBeNull()
})

test('too few bytes are no windowed key', async () => {
  const codec = await windowed(text, session({ gapMs: 5_000, graceMs: 0 })).bind(context)
  expect(() => codec.decode(Buffer.alloc(15), 0, 15)).toThrow('a windowed key ends with 16 bytes of its window')
})
