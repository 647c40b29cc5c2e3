import { gzipSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import { check } from '../../src/connectors/kafka'
import { produce } from '../../src/connectors/kafka/protocol/produce'
import type { Scene } from './scene'

/** A record batch as no client of good will makes it: its records byte by byte. */
export interface RawBatch {
  readonly records: readonly Buffer[]
  /** As the header says; absent: as many as there are. */
  readonly count?: number
  readonly gzip?: boolean
  /** More bits of the header's attributes: of a transaction 16, of control records 32, of the time of appending 8. */
  readonly bits?: number
  /** Whose it says that it is. */
  readonly producer?: { readonly id: bigint; readonly epoch: number; readonly transactionalId?: string }
  /** Another codec, by its number in the protocol, and the records as it has compressed them. */
  readonly compressed?: { readonly codec: number; readonly bytes: Buffer }
}

const overhead = 61
const nobody = { transactionalId: null, producerId: -1, epoch: -1 }

/** One record by its fields in hexadecimal, behind their length. */
export function rawRecord(fields: string): Buffer {
  const bytes = Buffer.from(fields.replace(/\s/g, ''), 'hex')
  return Buffer.concat([Buffer.from([2 * bytes.length]), bytes])
}

/** A record of a well-made batch: text key and value of up to 30 bytes each, the `delta`th of up to 60. */
export const plainRecord = (delta: number, key: string, value: string): Buffer => {
  const field = (text: string) => [2 * Buffer.byteLength(text), ...Buffer.from(text)]
  const fields = Buffer.from([0, 0, 2 * delta, ...field(key), ...field(value), 0])
  return Buffer.concat([Buffer.from([2 * fields.length]), fields])
}

function encoded({ records, count = records.length, gzip = false, compressed, bits = 0, producer }: RawBatch): Buffer {
  const body = Buffer.concat([...records])
  const out = Buffer.concat([Buffer.alloc(overhead), compressed?.bytes ?? (gzip ? gzipSync(body) : body)])
  out.writeInt32BE(out.length - 12, 8)
  out.writeInt32BE(-1, 12)
  out.writeInt8(2, 16)
  out.writeInt16BE((compressed?.codec ?? (gzip ? 1 : 0)) | bits, 21)
  out.writeInt32BE(count - 1, 23)
  for (const at of [27, 35]) out.writeBigInt64BE(BigInt(Date.now()), at)
  out.writeBigInt64BE(producer?.id ?? -1n, 43)
  out.writeInt16BE(producer?.epoch ?? -1, 51)
  out.writeInt32BE(producer === undefined ? -1 : 0, 53)
  out.writeInt32BE(count, 57)
  out.writeUInt32BE(crc32c(out.subarray(21)), 17)
  return out
}

/** Writes a batch to partition 0. Throws KafkaError where the broker has none of it. */
export async function sendRaw(scene: Scene, name: string, batch: RawBatch): Promise<void> {
  const { cluster } = scene.services
  const topic = scene.topic(name)
  const bytes = encoded(batch)
  const api = produce(nobody, [], { acks: -1, timeoutMs: 30_000 })
  const [answer] =
    (await cluster.send(await cluster.leader(topic, 0), {
      ...api,
      sizeHint: bytes.length + 256,
      write: to => {
        to.string(batch.producer?.transactionalId ?? null)
          .int16(-1)
          .int32(30_000)
          .int32(1)
        to.string(topic).int32(1).int32(0).bytes(bytes)
      },
    })) ?? []
  check(answer?.errorCode ?? -1, `write of a batch to ${topic}-0`)
}
