import { gzipSync } from 'node:zlib'
import { decode, encodeBatch, encodeMarker, record, unpack, values } from './record-batches'

const three = [record('a'), record('b'), record('c')]
const transaction = (producerId: number) => ({ transactional: true, producerId, epoch: 0, baseSequence: 0 })

test('several record batches make one batch', () => {
  const batch = decode(Buffer.concat([encodeBatch(three, 10), encodeBatch(three, 13)]), { fetchOffset: 10 })
  expect(unpack(batch).map(each => each.offset)).toEqual([10, 11, 12, 13, 14, 15])
  expect(batch.nextOffset).toBe(16)
  expect(batch.bytes).toBeGreaterThan(2 * encodeBatch(three).length)
})

test('records below the offset asked for are left out', () => {
  const batch = decode(encodeBatch(three, 10), { fetchOffset: 12 })
  expect(values(batch)).toEqual(['c'])
  expect(batch.nextOffset).toBe(13)
})

test('a record batch cut off at the end waits for the next fetch', () => {
  const whole = encodeBatch(three, 10)
  for (const cut of [1, 16, 17, 40, whole.length - 1]) {
    const batch = decode(Buffer.concat([whole, encodeBatch(three, 13).subarray(0, cut)]), { fetchOffset: 10 })
    expect(batch.count).toBe(3)
    expect(batch.nextOffset).toBe(13)
  }
})

test('nothing but a cut-off record batch is no progress', () => {
  expect(decode(encodeBatch(three, 10).subarray(0, 60), { fetchOffset: 10 }).nextOffset).toBe(10)
})

test('compaction leaves holes: the next offset is past the last one that the record batch ever held', () => {
  const bytes = encodeBatch(three, 10)
  bytes.writeInt32BE(41, 23)
  expect(decode(bytes, { fetchOffset: 10 }).nextOffset).toBe(52)
})

test('markers are no records, and are passed', () => {
  const batch = decode(Buffer.concat([encodeBatch(three, 0, transaction(7)), encodeMarker(7, 3, true)]))
  expect(values(batch)).toEqual(['a', 'b', 'c'])
  expect(batch.nextOffset).toBe(4)
})

test('markers alone move the offset', () => {
  const batch = decode(encodeMarker(7, 3, false), { fetchOffset: 3 })
  expect(batch.count).toBe(0)
  expect(batch.nextOffset).toBe(4)
})

describe('aborted transactions', () => {
  const aborted7 = Buffer.concat([encodeBatch([record('x')], 0, transaction(7)), encodeMarker(7, 1, false)])

  test('are left out until their marker', () => {
    const bytes = Buffer.concat([aborted7, encodeBatch([record('kept')], 2, transaction(7)), encodeMarker(7, 3, true)])
    expect(values(decode(bytes, { aborted: [{ producerId: 7, firstOffset: 0 }] }))).toEqual(['kept'])
  })

  test('are there when reading uncommitted', () => {
    expect(values(decode(aborted7, { readCommitted: false }))).toEqual(['x'])
  })

  test('overlap, listed in the order of their ends, met in the middle of both', () => {
    const bytes = Buffer.concat([
      encodeBatch([record('7a')], 10, transaction(7)),
      encodeBatch([record('8a')], 11, transaction(8)),
      encodeBatch([record('9')], 12, transaction(9)),
      encodeMarker(8, 13, false),
      encodeBatch([record('7b')], 14, transaction(7)),
      encodeBatch([record('8 later')], 15, transaction(8)),
      encodeMarker(7, 16, false),
      encodeBatch([record('7 later')], 17, transaction(7)),
    ])
    const aborted = [
      { producerId: 8, firstOffset: 4 },
      { producerId: 7, firstOffset: 2 },
    ]
    expect(values(decode(bytes, { fetchOffset: 10, aborted }))).toEqual(['9', '8 later', '7 later'])
  })

  test("one producer's two aborted transactions, a committed one between them", () => {
    const bytes = Buffer.concat([
      aborted7,
      encodeBatch([record('kept')], 2, transaction(7)),
      encodeMarker(7, 3, true),
      encodeBatch([record('y')], 4, transaction(7)),
      encodeMarker(7, 5, false),
    ])
    const aborted = [
      { producerId: 7, firstOffset: 0 },
      { producerId: 7, firstOffset: 4 },
    ]
    expect(values(decode(bytes, { aborted }))).toEqual(['kept'])
  })

  test('a data key of four zero bytes is no marker', () => {
    const key = Buffer.alloc(4)
    const zero = { key, value: Buffer.from('x'), timestamp: 1 }
    const bytes = Buffer.concat([
      encodeBatch([zero], 0, transaction(7)),
      encodeBatch([zero], 1, transaction(7)),
      encodeMarker(7, 2, false),
    ])
    expect(values(decode(bytes, { aborted: [{ producerId: 7, firstOffset: 0 }] }))).toEqual([])
  })

  test('records outside of transactions stay', () => {
    const bytes = Buffer.concat([encodeBatch([record('x')], 0, transaction(7)), encodeBatch([record('free')], 1)])
    expect(values(decode(bytes, { aborted: [{ producerId: 7, firstOffset: 0 }] }))).toEqual(['free'])
  })
})

function compressed(bytes: Buffer, codec: number, records: Buffer): Buffer {
  const out = Buffer.concat([bytes.subarray(0, 61), records])
  out.writeInt16BE(out.readInt16BE(21) | codec, 21)
  out.writeInt32BE(out.length - 12, 8)
  return out
}

test('gzip, mixed with uncompressed record batches', () => {
  const plain = encodeBatch(three, 3)
  const bytes = Buffer.concat([
    plain.subarray(0, 0),
    compressed(encodeBatch(three, 0), 1, gzipSync(encodeBatch(three, 0).subarray(61))),
    plain,
  ])
  const batch = decode(bytes)
  expect(values(batch)).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  expect(batch.nextOffset).toBe(6)
})

test.each([
  [1, 'gzip'],
  [2, 'snappy'],
  [3, 'lz4'],
  [4, 'zstd'],
])('codec %d: what is damaged is refused by its place and the codec', (codec, name) => {
  const bytes = compressed(encodeBatch(three, 5), codec, Buffer.from('whatever'))
  expect(() => decode(bytes)).toThrow(`t-3 at offset 5: can't read a record batch compressed with ${name}: `)
})

test('a codec that Kafka does not have is refused', () => {
  const bytes = compressed(encodeBatch(three, 5), 5, Buffer.from('whatever'))
  expect(() => decode(bytes)).toThrow("t-3 at offset 5: can't read compression codec 5")
})

test('an old message set is refused', () => {
  const bytes = encodeBatch(three)
  bytes[16] = 1
  expect(() => decode(bytes)).toThrow('message format 1')
})

test('append time is the time of all records of the record batch', () => {
  const bytes = encodeBatch([
    { key: null, value: null, timestamp: 5000 },
    { key: null, value: null, timestamp: 1 },
  ])
  bytes.writeInt16BE(8, 21)
  bytes.writeBigInt64BE(123456789012n, 35)
  expect(unpack(decode(bytes)).map(each => each.timestamp)).toEqual([123456789012, 123456789012])
})

test('a damaged record is found, by the checksum or by its lengths', () => {
  const bytes = encodeBatch(three)
  expect(decode(bytes, { checkCrc: true }).count).toBe(3)
  bytes[bytes.length - 3]! ^= 1
  expect(() => decode(bytes, { checkCrc: true })).toThrow('checksum')
  const long = encodeBatch([record('abc')])
  long[61] = 0x7e
  expect(() => decode(long)).toThrow('a damaged record')
})

test('a batch ends where it is cut', () => {
  const batch = decode(encodeBatch(three, 10), { fetchOffset: 10 })
  ;(batch as unknown as { cut(offset: number): void }).cut(11)
  expect(values(batch)).toEqual(['a'])
  expect(batch.nextOffset).toBe(11)
})
