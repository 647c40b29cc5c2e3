import { gunzipSync } from 'node:zlib'
import { decompress as unzstd } from 'fzstd'
import { decompressFrameSync as unlz4 } from 'lz4-napi'
import { uncompressSync } from 'snappy'

/** snappy-java frames its blocks (xerial); librdkafka sends one bare block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER = 16

/** Kafka's codecs by their number in a record batch, with how they are read. Each throws where the bytes are damaged. */
export const CODECS: readonly (readonly [name: string, read: (bytes: Buffer) => Buffer])[] = [
  ['none', bytes => bytes],
  ['gzip', bytes => gunzipSync(bytes)],
  ['snappy', unsnappy],
  ['lz4', unlz4],
  ['zstd', zstd],
]

function unsnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return snappyBlock(bytes)
  const blocks: Buffer[] = []
  for (let at = XERIAL_HEADER; at < bytes.length; ) {
    const start = at + 4
    at = start + bytes.readInt32BE(at)
    if (at > bytes.length) throw new RangeError('it ends in the middle')
    blocks.push(snappyBlock(bytes.subarray(start, at)))
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks)
}

const snappyBlock = (bytes: Buffer): Buffer => uncompressSync(bytes, { asBuffer: true }) as Buffer

function zstd(bytes: Buffer): Buffer {
  const { buffer, byteOffset, length } = unzstd(bytes)
  return Buffer.from(buffer, byteOffset, length)
}
