import type { Api } from '../../../src/connectors/kafka/protocol/api'
import { ByteReader } from '../../../src/connectors/kafka/protocol/byte-reader'
import { ByteWriter } from '../../../src/connectors/kafka/protocol/byte-writer'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import type { Produced } from '../../../src/connectors/kafka/protocol/produce'
import type { Cluster } from '../../../src/connectors/kafka/wire/cluster'
import { ledgerError, RefusedRecords } from '../../../src/connectors/kafka/write/ledger-errors'
import { RecordSender } from '../../../src/connectors/kafka/write/record-sender'
import type { Output } from '../../../src/connectors/ledger'
import { ContentError } from '../../../src/errors'

/** Where a record batch has its first sequence and its count. */
const [sequenceAt, countAt] = [53, 57]

/** A broker that takes whole batches in sequence, and none with a `bad` record. `says`: it tells which of a batch. */
class Broker {
  readonly taken: string[] = []
  private readonly next = new Map<string, number>()
  /** How many batches it has been sent. */
  asked = 0

  constructor(
    private readonly says: boolean,
    private readonly code: number = ErrorCode.INVALID_RECORD,
  ) {}

  get cluster(): Cluster {
    return {
      leader: async () => 1,
      forgetTopic: () => {},
      send: async (_: number, api: Api<Produced[]>) => this.answer(api),
    } as unknown as Cluster
  }

  private answer(api: Api<Produced[]>): Produced[] {
    const to = new ByteWriter()
    api.write(to)
    const from = new ByteReader(Buffer.from(to.buf.subarray(0, to.offset)))
    from.nullableString()
    from.int16()
    from.int32()
    return from
      .array(() => {
        const topic = from.string()
        return from.array(() => this.take(topic, from.int32(), Buffer.from(from.bytes() as Buffer)))
      })
      .flat()
  }

  private take(topic: string, partition: number, batch: Buffer): Produced {
    this.asked++
    const at = { topic, partition, baseOffset: 0, words: null, refused: [] as Produced['refused'] }
    const place = `${topic}-${partition}`
    const next = this.next.get(place) ?? 0
    if (batch.readInt32BE(sequenceAt) !== next) return { ...at, errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER }
    const records = [...batch.toString('latin1').matchAll(/(good|bad)\d+;/g)].map(([text]) => text)
    expect(records).toHaveLength(batch.readInt32BE(countAt))
    const bad = records.flatMap((text, i) => (text.startsWith('bad') ? [i] : []))
    if (bad.length > 0)
      return {
        ...at,
        errorCode: this.code,
        refused: this.says ? bad.map(place => ({ place, words: null })) : [],
        words: 'no',
      }
    this.next.set(place, next + records.length)
    this.taken.push(...records)
    return { ...at, errorCode: 0 }
  }
}

const record = (text: string) => ({ key: null, value: Buffer.from(`${text};`), timestamp: 1 })
const id = { transactionalId: 'x', producerId: 1, epoch: 0 }
const outputs: Output[] = [
  {
    topic: 'a',
    partition: 0,
    records: Array.from({ length: 100 }, (_, i) => record(i % 40 === 7 ? `bad${i}` : `good${i}`)),
  },
  { topic: 'b', partition: 1, records: [record('good1'), record('good2')] },
  { topic: 'b', partition: 2, records: [record('bad3')] },
]

const send = async (broker: Broker, writesRest = false) => {
  const sender = new RecordSender(broker.cluster, 'lane', { acks: -1, timeoutMs: 1_000, writesRest })
  return sender.send(id, outputs, performance.now() + 30_000).catch(error => error as unknown)
}

test.each([
  ['names the records', true, ErrorCode.INVALID_RECORD],
  ['names none', false, ErrorCode.INVALID_RECORD],
  ['names none for their size', false, ErrorCode.MESSAGE_TOO_LARGE],
])('all refused records of a commit are known at once from a broker that %s', async (_, says, code) => {
  const broker = new Broker(says, code)
  const error = (await send(broker)) as RefusedRecords
  expect(error).toBeInstanceOf(RefusedRecords)
  const named = error.outputs.map(({ topic, record }) => `${topic} ${Buffer.from(record.value as Buffer)}`)
  expect(named.sort()).toEqual(['a bad47;', 'a bad7;', 'a bad87;', 'b bad3;'])
  // Halves: each of three among a hundred costs no more than 14 batches.
  expect(broker.asked).toBeLessThan(says ? 5 : 46)
  expect(broker.taken).toEqual(expect.arrayContaining(['good1;', 'good2;']))
  const seen = ledgerError(error, 'transaction', false)
  expect(seen).toBeInstanceOf(ContentError)
  expect((seen as ContentError).outputs).toHaveLength(4)
})

test.each([
  ['names the records', true],
  ['names none', false],
])('outside of a transaction all others are written, once and in order, by a broker that %s', async (_, says) => {
  const broker = new Broker(says)
  const error = (await send(broker, true)) as RefusedRecords
  expect(error).toBeInstanceOf(RefusedRecords)
  expect(error.outputs).toHaveLength(4)
  const good = outputs
    .flatMap(({ records }) => records.map(({ value }) => `${value}`))
    .filter(each => !/^bad/.test(each))
  expect([...broker.taken].sort()).toEqual([...good].sort())
  const ofFirst = broker.taken.map(each => Number(/\d+/.exec(each)?.[0])).filter(n => n > 2)
  expect(ofFirst).toEqual([...ofFirst].sort((a, b) => a - b))
})

test('what is refused for anything else is told at once', async () => {
  const broker = new Broker(false, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  expect(await send(broker)).toMatchObject({ code: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
})
