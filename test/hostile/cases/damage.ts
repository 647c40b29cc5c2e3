import type { Admin } from 'kafkajs'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { KafkaError } from '../../../src/connectors/kafka'
import { json, mqtt, text, topology } from '../../../src/index'
import type { Hostile, Row } from '../case'
import { plainRecord, type RawBatch, rawRecord, sendRaw } from '../raw-batches'
import type { Scene } from '../scene'
import { good, two, valuesOf } from './parts'

/** Key and value as they are, so that what was read is what comes out. */
const asIs: Hostile['topology'] = names =>
  topology(names.run, streams => {
    streams.stream(names.topic('in'), { key: text, value: text }).to(names.topic('out'), { key: text, value: text })
  })

interface Odd {
  readonly came: string
  readonly batch: RawBatch
  /** Values that come out of it. */
  readonly out: readonly (string | null)[]
  readonly letters: number
}

const [before, after] = [plainRecord(0, 'k', 'before'), plainRecord(2, 'k', 'after')]
/** One odd record between two good ones. */
const between = (fields: string, gzip = true): RawBatch => ({ records: [before, rawRecord(fields), after], gzip })

/** What brokers take from producers that aren't ours, though no Java client writes it. */
const odd: readonly Odd[] = [
  {
    came: 'a key of length -2',
    batch: between('00 00 02 03 02 61 00'),
    out: ['before', 'a', 'after'],
    letters: 0,
  },
  {
    came: 'a value of length -3',
    batch: between('00 00 02 02 62 05 00'),
    out: ['before', null, 'after'],
    letters: 0,
  },
  {
    came: 'a header value of length -4',
    batch: between('00 00 02 01 02 63 02 02 68 07'),
    out: ['before', 'c', 'after'],
    letters: 0,
  },
  ...[
    ['a key past the end of its record', '00 00 02 7e 61 01 00'],
    ['a value past the end of its record', '00 00 02 01 7e 61 00'],
    ['a negative number of headers', '00 00 02 01 01 01'],
    ['more headers than bytes', '00 00 02 01 01 feffffff0f'],
    ['a header past the end of its record', '00 00 02 01 01 02 02 68 20 61'],
    ['bytes behind its headers', '00 00 02 01 01 00 00'],
    ['an offset before the last one', '00 00 00 01 01 00'],
  ].map(([came = '', fields = '']) => ({ came, batch: between(fields), out: ['before', 'after'], letters: 1 })),
]

/** Batches that say of themselves what only brokers, or another producer, may say. */
const forged: readonly Odd[] = [
  ['a batch of control records', { bits: 32 }],
  ['a control batch of a transaction that nobody began', { bits: 48, producer: { id: 4711n, epoch: 0 } }],
  ['a batch of a transaction, of nobody', { bits: 16 }],
  ['a batch of a transaction, of a producer that there is not', { bits: 16, producer: { id: 4711n, epoch: 0 } }],
  [
    'the same with a transactional id',
    { bits: 16, producer: { id: 4711n, epoch: 0, transactionalId: 'nobody-has-begun' } },
  ],
  ['an idempotent batch of a producer that there is not', { producer: { id: 4712n, epoch: 3 } }],
  ["a batch that says it has the broker's time", { bits: 8 }],
  ['a batch that says when its tombstones go', { bits: 64 }],
  ['a batch with bits that mean nothing', { bits: 0x7f80 }],
].map(([came, more]) => ({
  came: came as string,
  batch: { ...between('00 00 02 02 62 02 63 00'), ...(more as object) },
  out: ['before', 'c', 'after'],
  letters: 0,
}))

/** Rows of what brokers take and of what they refuse themselves, in one run. */
async function oddRows(scene: Scene, odd: readonly Odd[]): Promise<Row[]> {
  await scene.working()
  await scene.send('in', good(10))
  const wanted: string[] = valuesOf(good(20))
  const rows: Row[] = []
  let letters = 0
  for (const { came, batch, out, letters: own } of odd)
    try {
      await sendRaw(scene, 'in', batch)
      wanted.push(...out.map(String))
      letters += own
      rows.push({ came, out: own > 0 ? 'put aside alone' : `out came ${out.join(', ')}`, isRight: true })
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      rows.push({ came, out: `the broker has none of it: ${error.message.slice(0, 80)}`, isRight: true })
    }
  await scene.send('in', good(10, 10))
  await scene.holds('out', wanted)
  await scene.letters('in', letters)
  return rows
}

/** A record of one value, of zeros: gzip makes a thousandth of it. */
function bomb(bytes: number): Buffer {
  const fields = Buffer.concat([Buffer.from([0, 0, 0, 1]), varint(bytes), Buffer.alloc(bytes), Buffer.from([0])])
  return Buffer.concat([varint(fields.length), fields])
}

/** Bytes that end in many zeros, as a Zstandard frame: its beginning as it is, then blocks that say one byte and how often (RFC 8878). */
function zstdOfZeros(bytes: Buffer): Buffer {
  const [beginning, most] = [64, 128 * 1024]
  const block = (isLast: boolean, type: number, size: number) => {
    const header = Buffer.alloc(3)
    header.writeUIntLE(+isLast | (type << 1) | (size << 3), 0, 3)
    return header
  }
  // No checksum, no size, a window of 1 MiB.
  const parts = [Buffer.from('28b52ffd0050', 'hex'), block(false, 0, beginning), bytes.subarray(0, beginning)]
  for (let left = bytes.length - beginning; left > 0; left -= most)
    parts.push(block(left <= most, 1, Math.min(left, most)), Buffer.from([0]))
  return Buffer.concat(parts)
}

const spread: Hostile['topology'] = names =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), { key: text, value: json<any>() })
      .mapValues(({ n }: { n: number }) => ({ n }))
      .to(names.topic('out'), { key: text, value: json() })
  })

/** What can't be read is passed, and costs no more than it may. */
export const damage: readonly Hostile[] = [
  {
    id: 'A2',
    came: 'records that are badly made',
    topics: { in: two, out: two },
    isQuick: true,
    topology: asIs,
    run: scene => oddRows(scene, odd),
  },
  {
    id: 'A2b',
    came: "batches that say what only brokers or a transaction's own producer may say",
    topics: { in: two, out: two },
    isQuick: true,
    topology: asIs,
    run: scene => oddRows(scene, forged),
  },
  {
    id: 'A10a',
    came: 'gzip of 300 MB, four times, between good records',
    topics: { in: two, out: two },
    topology: spread,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(10))
      const records = [bomb(300_000_000)]
      for (let i = 0; i < 4; i++) await sendRaw(scene, 'in', { records, gzip: true })
      await scene.send('in', good(10, 10))
      await scene.holds('out', valuesOf(good(20)))
      const letters = await scene.letters('in', 4)
      return `20 neighbours through, put aside: ${letters[0]?.headers['weir.error.message']?.slice(0, 120)}`
    },
  },
  {
    id: 'A10d',
    came: '300 MB by LZ4 and by Zstandard and 16 MB by Snappy, between good records',
    topics: { in: { ...two, configs: { 'max.message.bytes': '6000000' } }, out: two },
    topology: spread,
    async run(scene) {
      await scene.working()
      await scene.send('in', good(10))
      const [large, small] = [bomb(300_000_000), bomb(16_000_000)]
      const all = [
        { codec: 3, bytes: compressFrameSync(large) },
        { codec: 4, bytes: zstdOfZeros(large) },
        { codec: 2, bytes: compressSync(small) },
      ]
      for (const compressed of all) await sendRaw(scene, 'in', { records: [Buffer.alloc(0)], compressed })
      await scene.send('in', good(10, 10))
      await scene.holds('out', valuesOf(good(20)))
      const letters = await scene.letters('in', 3)
      return `20 neighbours through, put aside: ${letters.map(({ headers }) => headers['weir.error.message']?.slice(0, 80)).join('; ')}`
    },
  },
  {
    id: 'A10b',
    came: '40 compressed batches of 8 MB that may be read, at once',
    topics: { in: two, out: two },
    topology: spread,
    async run(scene) {
      const records = [bomb(8_000_000)]
      for (let i = 0; i < 40; i++) await sendRaw(scene, 'in', { records, gzip: true })
      await scene.send('in', good(20))
      await scene.working()
      await scene.holds('out', valuesOf(good(20)))
      await scene.letters('in', 40)
      return '20 neighbours through, 40 put aside'
    },
  },
  {
    id: 'A10c',
    came: '500,000 records in a compressed batch of a few kB',
    topics: { in: two, out: two },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), { key: text, value: text })
          .filter((value: string) => value !== 'x')
          .to(names.topic('out'), { key: text, value: text })
      }),
    async run(scene) {
      await scene.working()
      const records = Array.from({ length: 500_000 }, (_, i) => small(i))
      await sendRaw(scene, 'in', { records, gzip: true })
      await scene.send('in', good(20))
      await scene.holds('out', valuesOf(good(20)))
      return 'all passed'
    },
  },
  {
    id: 'A9b',
    came: '20,000 records whose messages are 20 kB each, for a broker of MQTT that stands still',
    topics: { in: two },
    broker: {},
    topology: names =>
      topology(names.run, streams => {
        const filling = 'x'.repeat(20_000)
        streams
          .stream(names.topic('in'), { key: text, value: json<any>() })
          .to(mqtt({ topic: `${names.run}/{key}`, value: ({ value }) => Buffer.from(`${value.n} ${filling}`) }))
      }),
    async run(scene) {
      const count = 20_000
      await scene.working()
      scene.broker.freeze()
      try {
        await scene.send('in', good(count))
        await scene.until(() => scene.lines.some(line => /MQTT.*waiting until/.test(line)), 'word of the broker')
      } finally {
        scene.broker.thaw()
      }
      const groupId = scene.names.run
      const topics = [scene.topic('in')]
      const committed = (admin: Admin) =>
        admin
          .fetchOffsets({ groupId, topics })
          .then(all => all.flatMap(({ partitions }) => partitions).reduce((sum, { offset }) => sum + Number(offset), 0))
      await scene.admin(admin =>
        scene.until(async () => (await committed(admin)) >= count, 'everything to be committed', 180_000),
      )
      await scene.letters('in', 0)
      return 'it waits, and goes on with the broker'
    },
  },
]

/** The `i`th record of a large batch: its value is one letter. */
function small(i: number): Buffer {
  const fields = Buffer.concat([Buffer.from([0, 0]), varint(i), Buffer.from([1, 2, 0x78, 0])])
  return Buffer.concat([varint(fields.length), fields])
}

/** A number in Kafka's zigzag, from 0. */
function varint(n: number): Buffer {
  const out: number[] = []
  for (let rest = 2 * n; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest])
    out.push((rest % 128) + 128)
  }
}
