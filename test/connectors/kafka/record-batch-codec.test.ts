import fc from 'fast-check'
import { ByteWriter } from '../../../src/connectors/kafka/protocol/byte-writer'
import { cutRecords, nextSequence, writeRecordBatch } from '../../../src/connectors/kafka/protocol/record-batch-encoder'
import type { OutputRecord } from '../../../src/connectors/ledger'
import { decode, encodeBatch, PLAIN, unpack } from './record-batches'

const Decoder = require('kafkajs/src/protocol/decoder')
const decodeTheirs = require('kafkajs/src/protocol/recordBatch/v0/decoder')
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0')
const Record = require('kafkajs/src/protocol/recordBatch/record/v0')

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map(each => Buffer.from(each))
const records: fc.Arbitrary<OutputRecord[]> = fc.array(
  fc.record({
    key: fc.option(bytes(80)),
    value: fc.option(bytes(300)),
    timestamp: fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.constant(1_700_000_000_000)),
    headers: fc.dictionary(fc.string({ maxLength: 20, unit: 'grapheme' }), bytes(20), { maxKeys: 3 }),
  }),
  { minLength: 1, maxLength: 200 },
)
const offset = fc.integer({ min: 0, max: 2 ** 48 })

interface Theirs {
  key: Buffer | null
  value: Buffer | null
  timestamp: string
  offset: string
  headers: Record<string, Buffer>
}

const pick = ({ key, value, timestamp, offset, headers }: Theirs) => ({ key, value, timestamp, offset, headers })

const withoutProto = (headers: object | undefined) => ({ ...headers })

test('what is written is read back', () => {
  fc.assert(
    fc.property(records, offset, fc.boolean(), (written, base, transactional) => {
      const context = { transactional, producerId: 2 ** 40 + 5, epoch: 3, baseSequence: 2147483647 }
      const batch = decode(encodeBatch(written, base, context), { fetchOffset: base, checkCrc: false })
      expect(batch.nextOffset).toBe(base + written.length)
      expect(unpack(batch).map(each => ({ ...each, headers: withoutProto(each.headers) }))).toEqual(
        written.map((each, i) => ({ ...each, offset: base + i, headers: withoutProto(each.headers) })),
      )
    }),
    { numRuns: 200 },
  )
})

/** kafkajs takes a header named `toString` for the method of that name. */
const prefixed = ({ headers, ...rest }: OutputRecord) => ({
  ...rest,
  headers: Object.fromEntries(Object.entries(headers!).map(([name, value]) => [`h-${name}`, value])),
})

test('kafkajs reads what is written', async () => {
  await fc.assert(
    fc.asyncProperty(records, offset, async (generated, base) => {
      const written = generated.map(prefixed)
      const theirs = await decodeTheirs(new Decoder(encodeBatch(written, base)))
      expect(theirs.records.map(pick)).toEqual(
        written.map((each, i) => ({
          key: each.key,
          value: each.value,
          timestamp: `${each.timestamp}`,
          offset: `${base + i}`,
          headers: withoutProto(each.headers),
        })),
      )
    }),
    { numRuns: 100 },
  )
})

test('what kafkajs writes is read, its checksum included', async () => {
  await fc.assert(
    fc.asyncProperty(records, async written => {
      const first = written[0]!.timestamp
      const encoded = await RecordBatch({
        records: written.map((each, i) => Record({ ...each, offsetDelta: i, timestampDelta: each.timestamp - first })),
        firstTimestamp: first,
        maxTimestamp: Math.max(...written.map(each => each.timestamp)),
        lastOffsetDelta: written.length - 1,
      })
      const batch = decode(Buffer.from(encoded.buffer), { checkCrc: true })
      expect(unpack(batch).map(({ key, value, timestamp }) => ({ key, value, timestamp }))).toEqual(
        written.map(({ key, value, timestamp }) => ({ key, value, timestamp })),
      )
    }),
    { numRuns: 100 },
  )
})

test('damage never goes unnoticed with the checksum on, and never hangs or leaves the buffer with it off', () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, at, flip) => {
      const encoded = encodeBatch(written)
      const place = 21 + (at % (encoded.length - 21))
      encoded[place]! ^= flip
      const checked = decode(encoded, { checkCrc: true })
      expect(checked.count).toBe(0)
      expect(checked.damaged?.map(({ reason }) => reason)).toEqual(['a record batch whose checksum does not fit'])
      const batch = decode(encoded)
      for (let i = 0; i < batch.count; i++) {
        expect(batch.valueEnd[i]).toBeLessThanOrEqual(batch.buffer.length)
        batch.headers(i)
      }
    }),
    { numRuns: 300 },
  )
})

test('runs hold all records in order, none above the limit unless by one record', () => {
  fc.assert(
    fc.property(records, fc.integer({ min: 100, max: 5000 }), (written, limit) => {
      const runs = cutRecords(written, limit)
      expect(runs.flatMap(run => written.slice(run.from, run.to))).toEqual(written)
      for (const run of runs) {
        const out = new ByteWriter(1)
        writeRecordBatch(out, run, PLAIN)
        expect(out.offset).toBeLessThanOrEqual(run.bytes)
        if (run.to - run.from > 1) expect(run.bytes).toBeLessThanOrEqual(limit)
      }
    }),
  )
})

test('sequences wrap to 0 after 2^31-1', () => {
  expect(nextSequence(0, 5)).toBe(5)
  expect(nextSequence(2147483646, 1)).toBe(2147483647)
  expect(nextSequence(2147483647, 1)).toBe(0)
  expect(nextSequence(2147483640, 10)).toBe(2)
})
