import { type Reading, reading, rollup } from '../../../schemas/types'
import type { AvroSchema } from '../../../src/codecs/avro-schema'
import type { FrameChunk } from '../../../src/connectors/mqtt/frame-encoder'
import { mqtt } from '../../../src/connectors/mqtt/mqtt-end'
import { ProcessError, TopologyError } from '../../../src/errors'
import { framesOf } from './frames'

const origin = { topic: 'sensor_data', partition: 3, offset: 42 }
const record = <V>(value: V, key: unknown = '7') => ({ key, value, timestamp: 0 })
const value: Reading = { sensor_id: 7, temperature: 21.5, timestamp: 1_700_000_000_250_000 }

describe('an MQTT target', () => {
  it('writes a reading as JSON to a topic of its own', () => {
    const encoder = mqtt({ topic: 'sensors/{sensor_id}', schema: reading }).encoder()
    encoder.encode(record(value), origin)
    encoder.encode(record({ ...value, sensor_id: 8, temperature: -3 }), origin)
    const chunk = encoder.take()!
    expect(chunk.count).toBe(2)
    expect(framesOf(chunk)).toEqual([
      {
        topic: 'sensors/7',
        payload: '{"sensor_id":7,"temperature":21.5,"timestamp":1700000000.25}',
        qos: 0,
        retain: false,
      },
      {
        topic: 'sensors/8',
        payload: '{"sensor_id":8,"temperature":-3,"timestamp":1700000000.25}',
        qos: 0,
        retain: false,
      },
    ])
    expect(encoder.take()).toBeUndefined()
  })

  it('adds the origin, and changes the width of the length where it must', () => {
    const encoder = mqtt({ topic: 'sensors/{sensor_id}', schema: reading, origin: true }).encoder()
    encoder.encode(record({ ...value, temperature: 1 / 3, timestamp: 1_700_000_000_123_456 }), origin)
    encoder.encode(record({ sensor_id: 1, temperature: 1, timestamp: 0 }), origin)
    encoder.encode(record({ ...value, temperature: 1 / 3, timestamp: 1_700_000_000_123_456 }), origin)
    const [first, second, third] = framesOf(encoder.take())
    expect(JSON.parse(first!.payload)).toEqual({
      sensor_id: 7,
      temperature: 1 / 3,
      timestamp: 1_700_000_000.123456,
      kafka_partition: 3,
      kafka_offset: 42,
    })
    expect(second!.payload).toBe('{"sensor_id":1,"temperature":1,"timestamp":0,"kafka_partition":3,"kafka_offset":42}')
    expect(third).toEqual(first)
  })

  it('retains rollups and tells their topic', () => {
    const target = mqtt({ topic: 'sensors/{sensor_id}/10s', schema: rollup, retain: true })
    const window = {
      sensor_id: 7,
      window_start: 10_000_000,
      window_end: 20_000_000,
      count: 2,
      sum: 3,
      min: 1,
      max: 2,
      mean: 1.5,
    }
    const encoder = target.encoder()
    encoder.encode(record(window), origin)
    expect(target.retains!(record(window) as any)).toBe('sensors/7/10s')
    expect(framesOf(encoder.take())).toEqual([
      {
        topic: 'sensors/7/10s',
        payload: '{"sensor_id":7,"window_start":10,"window_end":20,"count":2,"sum":3,"min":1,"max":2,"mean":1.5}',
        qos: 0,
        retain: true,
      },
    ])
  })

  it('clears a retained topic with a null value, when the topic needs no field', () => {
    const encoder = mqtt({ topic: 'last/{key}', schema: reading, retain: true }).encoder()
    encoder.encode(record(null, 'a') as any, origin)
    expect(framesOf(encoder.take())).toEqual([{ topic: 'last/a', payload: '', qos: 0, retain: true }])
    const plain = mqtt({ topic: 'last/{key}', schema: reading }).encoder()
    expect(() => plain.encode(record(null, 'a') as any, origin)).toThrow(ProcessError)
  })

  it('clears the topic that the key of a record without a value names, among others of one connection', () => {
    const target = mqtt({ topic: 'last/{sensor_id}', schema: reading, retain: true })
    const encoder = target.encoder()
    encoder.encode(record(value), origin)
    encoder.encode(record(null, 7) as any, origin)
    encoder.encode(record(null, '8') as any, origin)
    encoder.encode(record(null, { sensor_id: 9, more: true }) as any, origin)
    encoder.encode(record(value), origin)
    const frames = framesOf(encoder.take())
    expect(frames.map(({ topic, payload }) => [topic, payload === ''])).toEqual([
      ['last/7', false],
      ['last/7', true],
      ['last/8', true],
      ['last/9', true],
      ['last/7', false],
    ])
    expect(target.retains?.(record(null, 7) as any)).toBe('last/7')
    expect(() => encoder.encode(record(null, { other: 1 }) as any, origin)).toThrow(ProcessError)
    const two = mqtt({ topic: '{sensor_id}/{temperature}', schema: reading, retain: true }).encoder()
    expect(() => two.encode(record(null, 7) as any, origin)).toThrow(
      "the value is null, which clears a topic, but the record's key doesn't say which: it has no sensor_id",
    )
  })

  it('takes fields within others into the topic: of records, arrays, maps and unions with null', () => {
    const place = { type: 'record', name: 'Place', fields: [{ name: 'city', type: 'string' }] } as const
    const schema: AvroSchema<Record<string, unknown>> = {
      name: 'ride',
      json: {
        type: 'record',
        name: 'Ride',
        fields: [
          { name: 'pickup', type: ['null', place] },
          { name: 'stops', type: { type: 'array', items: 'Place' } },
          { name: 'labels', type: { type: 'map', values: 'long' } },
        ],
      },
    }
    const encoder = mqtt({ topic: '{pickup.city}/{stops.1.city}/{labels.fare}', schema }).encoder()
    const ride = { pickup: { city: 'Bonn' }, stops: [{ city: 'a' }, { city: 'b/c' }], labels: { fare: 2n ** 60n } }
    encoder.encode(record(ride), origin)
    expect(framesOf(encoder.take())[0]?.topic).toBe('Bonn/b%2Fc/1152921504606846976')
    for (const lacking of [
      { ...ride, pickup: null },
      { ...ride, stops: [] },
      { ...ride, labels: {} },
    ])
      expect(() => encoder.encode(record(lacking), origin)).toThrow(ProcessError)
    expect(() => mqtt({ topic: '{pickup.town}', schema })).toThrow('{pickup.town} pickup has no field town')
    expect(() => mqtt({ topic: '{stops.first}', schema })).toThrow('stops has elements, counted from 0, and no first')
    const plain = mqtt({ topic: '{a.b}', value: () => Buffer.from('x') }).encoder()
    plain.encode(record({ a: { b: 5 } }), origin)
    expect(framesOf(plain.take())[0]?.topic).toBe('5')
  })

  it('publishes a value that is no record, as JSON', () => {
    const encoder = mqtt({ topic: 'n/{key}', schema: { name: 'n', json: ['null', 'long'] } }).encoder()
    encoder.encode(record(5n as any, 'k'), origin)
    expect(framesOf(encoder.take())[0]).toMatchObject({ topic: 'n/k', payload: '5' })
    expect(() => mqtt({ topic: 'n', schema: { name: 'n', json: 'int' }, origin: true })).toThrow(/origin/)
  })

  it('leaves room for packet identifiers at QoS 1 and says where', () => {
    const encoder = mqtt({ topic: 'sensors/{sensor_id}', schema: reading, qos: 1 }).encoder()
    encoder.encode(record(value), origin)
    encoder.encode(record({ ...value, sensor_id: 12 }), origin)
    const chunk = encoder.take() as FrameChunk
    chunk.numbering!.ids.forEach((at, i) => {
      chunk.frames.writeUInt16BE(1000 + i, at)
    })
    expect(framesOf(chunk).map(frame => [frame.topic, frame.id, frame.qos])).toEqual([
      ['sensors/7', 1000, 1],
      ['sensors/12', 1001, 1],
    ])
    expect(chunk.ends[1]).toBe(chunk.frames.length)
  })

  it('takes keys and headers into the topic, and percent-encodes what would change it', () => {
    const encoder = mqtt({ topic: '{key}/{header.site}', schema: reading }).encoder()
    const topicFor = (key: unknown, site: string) => {
      encoder.encode({ ...record(value, key), headers: { site: Buffer.from(site) } }, origin)
      return framesOf(encoder.take())[0]!.topic
    }
    expect(topicFor('a', 'b')).toBe('a/b')
    expect(topicFor(12, 'ä b')).toBe('12/ä b')
    expect(topicFor('$SYS', 'a/b+c#d%e\0')).toBe('%24SYS/a%2Fb%2Bc%23d%25e%00')
    expect(topicFor('x$', '')).toBe('x$/%')
    expect(topicFor('a\u0085\ufffe\n', 'b')).toBe('a%C2%85%EF%BF%BE%0A/b')
    expect(topicFor('\u{1fffe}\u{10ffff}\ufdd0', '💧')).toBe('%F0%9F%BF%BE%F4%8F%BF%BF%EF%B7%90/💧')
    expect(() => topicFor('a\ud83d', 'b')).toThrow(/\{key\} has half of a surrogate pair/)
    expect(() => topicFor('\udca7', 'b')).toThrow(ProcessError)
    expect(() => topicFor('é'.repeat(40_000), 'b')).toThrow(/longer than 65535 bytes/)
    expect(topicFor({ key: 'k', window: { start: 0, end: 1 } }, 'b')).toBe('k/b')
  })

  it('writes every type of field', () => {
    const schema: AvroSchema<Record<string, unknown>> = {
      name: 'all',
      json: {
        type: 'record',
        name: 'All',
        fields: [
          { name: 'text', type: 'string' },
          { name: 'big', type: 'long' },
          { name: 'single', type: 'float' },
          { name: 'yes', type: 'boolean' },
          { name: 'raw', type: 'bytes' },
          { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
          { name: 'maybe', type: ['null', 'string'] },
        ],
      },
    }
    const encoder = mqtt({ topic: 'all', schema }).encoder()
    const all = { text: 'a"ü\u0001💧', big: 2 ** 53 - 1, single: 0.5, yes: true, raw: Buffer.from('hi'), at: 1500 }
    encoder.encode(record({ ...all, maybe: null }), origin)
    encoder.encode(record({ ...all, maybe: 'x'.repeat(20_000) }), origin)
    const [first, second] = framesOf(encoder.take())
    expect(JSON.parse(first!.payload)).toEqual({ ...all, raw: 'aGk=', at: 1.5, maybe: null })
    expect(JSON.parse(second!.payload).maybe).toHaveLength(20_000)
  })

  it('refuses a bad record alone', () => {
    const encoder = mqtt({ topic: 'sensors/{sensor_id}', schema: reading }).encoder()
    encoder.encode(record(value), origin)
    const bad: object[] = [
      { ...value, temperature: Number.NaN },
      { ...value, temperature: '20' },
      { ...value, sensor_id: 1.5 },
      { ...value, sensor_id: 2 ** 31 },
      { ...value, timestamp: 2 ** 53 },
      { sensor_id: 7, temperature: 1 },
      { temperature: 1, timestamp: 1 },
    ]
    for (const one of bad) expect(() => encoder.encode(record(one) as any, origin)).toThrow(ProcessError)
    encoder.encode(record(value), origin)
    const frames = framesOf(encoder.take())
    expect(frames).toHaveLength(2)
    expect(frames[1]).toEqual(frames[0])
  })

  it('writes frames of the version that the broker speaks, one version in a chunk', () => {
    const target = mqtt({ topic: 'sensors/{sensor_id}', schema: reading, qos: 1 })
    const encoder = target.encoder()
    const bytesOf = () => (encoder.take() as FrameChunk).frames
    encoder.encode(record(value), origin)
    target.rules.learn(5, 1_000_000)
    encoder.encode(record(value), origin)
    const chunk = encoder.take() as FrameChunk
    expect([chunk.version, framesOf(chunk).length]).toEqual([4, 2])
    encoder.encode(record(value), origin)
    const newer = bytesOf()
    const properties = 2 + 2 + 'sensors/7'.length + 2
    expect(newer[properties]).toBe(0)
    expect(newer.subarray(properties + 1)).toEqual(chunk.frames.subarray(properties, chunk.ends[0]))
    target.rules.learn(4, 1_000_000)
    encoder.encode(record(value), origin)
    expect(bytesOf()).toEqual(chunk.frames.subarray(0, chunk.ends[0]))
  })

  it('refuses a packet that is larger than the broker takes, to the byte', () => {
    const target = mqtt({ topic: 'raw/{key}', value: ({ value: size }) => Buffer.alloc(Number(size)) })
    const encoder = target.encoder()
    const sizeOf = (payload: number) => {
      encoder.encode(record(payload, 'k'), origin)
      return (encoder.take() as FrameChunk).frames.length
    }
    for (const payload of [0, 100, 118, 119, 120, 16_374, 16_375]) {
      target.rules.learn(4, 1_000_000)
      const size = sizeOf(payload)
      target.rules.learn(4, size)
      expect(sizeOf(payload)).toBe(size)
      target.rules.learn(4, size - 1)
      const text = `MQTT: a packet of ${size} bytes, and the broker takes no more than ${size - 1}`
      expect(() => encoder.encode(record(payload, 'k'), origin)).toThrow(text)
      expect(encoder.take()).toBeUndefined()
    }
  })

  it('takes back what came after a mark', () => {
    const encoder = mqtt({ topic: 'sensors/{sensor_id}', schema: reading, qos: 1 }).encoder()
    for (let id = 1; id <= 5000; id++) {
      const mark = encoder.mark()
      encoder.encode(record({ ...value, sensor_id: id }), origin)
      if (id % 2 === 0) encoder.reset(mark)
    }
    const chunk = encoder.take() as FrameChunk
    expect(chunk.count).toBe(2500)
    expect(framesOf(chunk).map(frame => frame.topic)).toEqual(
      Array.from({ length: 2500 }, (_, i) => `sensors/${2 * i + 1}`),
    )
    expect(chunk.numbering?.ids).toHaveLength(2500)
    encoder.encode(record(value), origin)
    encoder.reset(0)
    expect(encoder.bytes).toBe(0)
    expect(encoder.take()).toBeUndefined()
  })

  it('sends what a value function makes', () => {
    const encoder = mqtt({ topic: 'raw/{key}', value: ({ value }) => Buffer.from(`v${String(value)}`) }).encoder()
    encoder.encode(record(5, 'k'), origin)
    expect(framesOf(encoder.take())[0]).toMatchObject({ topic: 'raw/k', payload: 'v5' })
  })

  it.each([
    [{ topic: 'a/{nope}', schema: reading }, /no field nope/],
    [{ topic: 'a/#', schema: reading }, /it has a wildcard/],
    [{ topic: '$SYS/a', schema: reading }, /it begins with \$/],
    [{ topic: 'a/\u{2ffff}', schema: reading }, /no character/],
    [{ topic: 'a/'.repeat(201), schema: reading }, /levels/],
    [{ topic: '', schema: reading }, /empty/],
    [{ topic: 'a/{sensor_id', schema: reading }, /brace/],
    [{ topic: 'a' }, /schema or a value/],
  ])('refuses %j', (options, message) => {
    expect(() => mqtt(options)).toThrow(TopologyError)
    expect(() => mqtt(options)).toThrow(message)
  })
})
