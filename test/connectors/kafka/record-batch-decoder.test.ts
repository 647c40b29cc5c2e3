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

/** What a batch says of its damage, as text. */
const damageOf = (batch: ReturnType<typeof decode>) =>
  batch.damaged?.map(
    ({ firstOffset, lastOffset, before, reason }) => `${firstOffset}–${lastOffset} <${before} ${reason}`,
  )

test.each([
  [1, 'gzip'],
  [2, 'snappy'],
  [3, 'lz4'],
  [4, 'zstd'],
])('codec %d: what is damaged is passed over, named by the codec, and given as it is', (codec, name) => {
  const bytes = compressed(encodeBatch(three, 5), codec, Buffer.from('whatever'))
  const batch = decode(Buffer.concat([encodeBatch(three, 2), bytes, encodeBatch(three, 8)]), { fetchOffset: 2 })
  expect(unpack(batch).map(each => each.offset)).toEqual([2, 3, 4, 8, 9, 10])
  expect(damageOf(batch)).toEqual([expect.stringMatching(`^5–7 <3 a record batch compressed with ${name}: `)])
  expect(batch.damaged?.[0]).toMatchObject({ topic: 't', partition: 3, timestamp: 1000 })
  expect(batch.nextOffset).toBe(11)
})

test('a codec that Kafka does not have, and an old message set, are passed over', () => {
  const unknown = compressed(encodeBatch(three, 5), 5, Buffer.from('whatever'))
  const old = encodeBatch([record('old')], 8)
  old[16] = 1
  const batch = decode(Buffer.concat([unknown, old, encodeBatch(three, 9)]), { fetchOffset: 5 })
  expect(damageOf(batch)).toEqual([
    "5–7 <0 compression codec 5: no codec of Kafka's has this number",
    '8–8 <0 message format 1, written before Kafka 0.11',
  ])
  expect(batch.damaged?.[1]?.bytes).toEqual(old)
  expect(unpack(batch).map(each => each.offset)).toEqual([9, 10, 11])
})

test('a bomb is damaged, and the records behind it are read', () => {
  const bomb = compressed(encodeBatch(three, 0), 1, gzipSync(Buffer.alloc(50_000_000)))
  const batch = decode(Buffer.concat([bomb, encodeBatch(three, 3)]), { maxBatchBytes: 10_000 })
  expect(damageOf(batch)).toEqual([expect.stringContaining('more than the 10000 bytes that are allowed')])
  expect(unpack(batch).map(each => each.offset)).toEqual([3, 4, 5])
})

test('what has been decompressed enough leaves the rest for the next fetch', () => {
  const batchAt = (offset: number) =>
    compressed(encodeBatch(three, offset), 1, gzipSync(encodeBatch(three, offset).subarray(61)))
  const set = Buffer.concat([batchAt(0), batchAt(3), batchAt(6)])
  expect(decode(set, { maxDecodedBytes: 40 })).toMatchObject({ count: 6, nextOffset: 6 })
  expect(decode(set, { maxDecodedBytes: 40, fetchOffset: 6 })).toMatchObject({ count: 3, nextOffset: 9 })
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

test('a checksum that does not fit is damage; not looked at, the records are as they are', () => {
  const bytes = encodeBatch(three, 10)
  expect(decode(bytes, { checkCrc: true, fetchOffset: 10 }).count).toBe(3)
  bytes[bytes.length - 3]! ^= 1
  const batch = decode(Buffer.concat([bytes, encodeBatch(three, 13)]), { checkCrc: true, fetchOffset: 10 })
  expect(damageOf(batch)).toEqual(['10–12 <0 a record batch whose checksum does not fit'])
  expect(unpack(batch).map(each => each.offset)).toEqual([13, 14, 15])
})

test('a damaged last offset skips nothing that is behind it', () => {
  for (const delta of [1e9, -5]) {
    const bytes = encodeBatch(three, 10)
    bytes.writeInt32BE(delta, 23)
    const batch = decode(Buffer.concat([bytes, encodeBatch(three, 13)]), { checkCrc: true, fetchOffset: 11 })
    expect(damageOf(batch)).toEqual(['11–12 <0 a record batch whose checksum does not fit'])
    expect(values(batch)).toEqual(['a', 'b', 'c'])
    expect(decode(bytes, { checkCrc: true, fetchOffset: 11, highWatermark: 20 }).nextOffset).toBe(12)
  }
})

/** A record batch whose records are these bytes. */
function batchOf(records: readonly Buffer[], baseOffset = 0): Buffer {
  const bytes = encodeBatch(
    records.map(() => record('x')),
    baseOffset,
  )
  const out = Buffer.concat([bytes.subarray(0, 61), ...records])
  out.writeInt32BE(out.length - 12, 8)
  return out
}

/** One record by its fields in hexadecimal, behind their length. */
function raw(fields: string): Buffer {
  const bytes = Buffer.from(fields.replace(/\s/g, ''), 'hex')
  return Buffer.concat([Buffer.from([2 * bytes.length]), bytes])
}

describe('a record', () => {
  test('with a negative length of key or value has null there, as in Java', () => {
    const batch = decode(
      batchOf([raw('00 00 00 03 05 00'), raw('00 00 02 ffff01 02 61 00'), raw('00 00 04 02 62 0b 00')]),
    )
    const [first, second, third] = unpack(batch)
    expect(batch.damaged).toEqual([])
    expect(first).toMatchObject({ key: null, value: null })
    expect([second?.key, `${second?.value}`]).toEqual([null, 'a'])
    expect([`${third?.key}`, third?.value]).toEqual(['b', null])
  })

  test('with a negative length of a header value has null there', () => {
    const batch = decode(batchOf([raw('00 00 00 01 01 04 02 68 05 02 69 02 6a')])) as ReturnType<typeof decode> & {
      headerList(index: number): unknown
    }
    expect(batch.headerList(0)).toEqual([
      ['h', null],
      ['i', Buffer.from('j')],
    ])
  })

  test.each([
    ['a key past its end', '00 00 02 7e 61 01 00'],
    ['a value past its end', '00 00 02 01 7e 61 00'],
    ['a length of six bytes', '00 00 02 818080808001 01 00'],
    ['a negative number of headers', '00 00 02 01 01 01'],
    ['more headers than bytes', '00 00 02 01 01 feffffff0f'],
    ['a header without a name', '00 00 02 01 01 02 01 00'],
    ['a header past its end', '00 00 02 01 01 02 02 68 20 61'],
    ['bytes behind its headers', '00 00 02 01 01 00 00'],
    ['an offset before the last one', '00 00 00 01 01 00'],
    ['an offset past its record batch', '00 00 7e 01 01 00'],
    ['a negative offset', '00 00 03 01 01 00'],
  ])('with %s is passed over alone', (_, fields) => {
    const good = (delta: string) => raw(`00 00 ${delta} 01 02 61 00`)
    const batch = decode(batchOf([good('00'), raw(fields), good('04')], 20), { fetchOffset: 20 })
    expect(unpack(batch).map(each => each.offset)).toEqual([20, 22])
    expect(damageOf(batch)).toEqual(['21–21 <1 a damaged record'])
    expect(batch.damaged?.[0]?.bytes).toEqual(raw(fields))
    expect(batch.nextOffset).toBe(23)
  })

  test('whose own length leads nowhere takes those behind it along', () => {
    for (const length of [0x7e, 0x01, 0x00]) {
      const good = raw('00 00 00 01 02 61 00')
      const lost = raw('00 00 02 01 02 61 00')
      lost[0] = length
      const batch = decode(batchOf([good, lost, raw('00 00 04 01 02 61 00')], 20), { fetchOffset: 20 })
      expect(unpack(batch).map(each => each.offset)).toEqual([20])
      expect(damageOf(batch)).toEqual(['21–22 <1 a damaged record'])
      expect(decode(batchOf([good, lost, good], 20), { fetchOffset: 22 }).damaged).toHaveLength(1)
    }
  })

  test('damaged beside others makes one range with them', () => {
    const bad = Array.from({ length: 1000 }, () => raw('00 00 00 7e 00 00'))
    const batch = decode(batchOf([...bad, raw(`00 00 ${'d00f'} 01 02 61 00`)]))
    expect(damageOf(batch)).toEqual(['0–999 <0 a damaged record'])
    expect(batch.damaged?.[0]?.bytes).toEqual(Buffer.concat(bad))
    expect(unpack(batch).map(each => each.offset)).toEqual([1000])
  })
})

test('more records than bytes are a damaged record batch', () => {
  const bytes = encodeBatch(three, 10)
  bytes.writeInt32BE(1_000_000, 57)
  expect(damageOf(decode(bytes, { fetchOffset: 10 }))).toEqual([
    expect.stringMatching(/^10–12 <0 a record batch of 1000000 records in \d+ bytes$/),
  ])
})

test('whatever is in the bytes, reading ends, and goes on behind them', () => {
  const next = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed
  }
  let seed = 4711
  for (let round = 0; round < 3000; round++) {
    const bytes = encodeBatch(
      [...three, { key: Buffer.from('k'), value: null, timestamp: 7, headers: { h: Buffer.from('v') } }],
      10,
    )
    for (let changes = 1 + (next() % 4); changes > 0; changes--)
      bytes[57 + (next() % (bytes.length - 57))] = next() % 256
    const batch = decode(Buffer.concat([bytes, encodeBatch(three, 14)]), { fetchOffset: 10 })
    const offsets = unpack(batch).map(each => each.offset)
    const passed = (batch.damaged ?? []).flatMap(({ firstOffset, lastOffset }) =>
      Array.from({ length: lastOffset - firstOffset + 1 }, (_, i) => firstOffset + i),
    )
    expect(batch.nextOffset).toBe(17)
    expect(offsets.slice(-3)).toEqual([14, 15, 16])
    expect(new Set([...offsets, ...passed]).size).toBe(offsets.length + passed.length)
  }
})

test('a batch ends where it is cut', () => {
  const batch = decode(encodeBatch(three, 10), { fetchOffset: 10 })
  ;(batch as unknown as { cut(offset: number): void }).cut(11)
  expect(values(batch)).toEqual(['a'])
  expect(batch.nextOffset).toBe(11)
})
