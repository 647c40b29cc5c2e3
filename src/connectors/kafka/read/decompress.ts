import { gunzipSync } from 'node:zlib'
import { decompressFrameSync as unlz4 } from 'lz4-napi'
import { uncompressSync } from 'snappy'
import { DecompressionLimitError } from './decompression-limit-error'
import { leastLz4Limit } from './lz4-size'
import { unzstd } from './unzstd'

/** snappy-java frames its blocks (xerial); librdkafka sends one bare block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER = 16

/** Throws DecompressionLimitError before more than `maxBytes` are made, and something else where the bytes are damaged. */
export type Decompress = (bytes: Buffer, maxBytes: number) => Buffer

/** Kafka's codecs by their number in a record batch, with how they are read. */
export const CODECS: readonly (readonly [name: string, read: Decompress])[] = [
  ['none', bytes => bytes],
  ['gzip', gunzip],
  ['snappy', unsnappy],
  [
    'lz4',
    (bytes, maxBytes) => {
      if (leastLz4Limit(bytes, maxBytes) > maxBytes) throw new DecompressionLimitError(maxBytes)
      return unlz4(bytes)
    },
  ],
  ['zstd', unzstd],
]

function gunzip(bytes: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? new DecompressionLimitError(maxBytes)
      : error
  }
}

function unsnappy(bytes: Buffer, maxBytes: number): Buffer {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return snappyBlock(bytes, maxBytes, maxBytes)
  const blocks: Buffer[] = []
  let room = maxBytes
  for (let at = XERIAL_HEADER; at < bytes.length; ) {
    const start = at + 4
    at = start + bytes.readInt32BE(at)
    if (at > bytes.length || at < start) throw new RangeError('it ends in the middle')
    const block = snappyBlock(bytes.subarray(start, at), room, maxBytes)
    blocks.push(block)
    room -= block.length
  }
  const [first] = blocks
  return first !== undefined && blocks.length === 1 ? first : Buffer.concat(blocks)
}

/** A block begins with its size when decompressed, a varint, which the library takes at its word. */
function snappyBlock(bytes: Buffer, room: number, maxBytes: number): Buffer {
  let size = 0
  for (let i = 0, scale = 1; i < 5 && i < bytes.length; i++, scale *= 128) {
    const byte = bytes.readUInt8(i)
    size += (byte & 0x7f) * scale
    if (byte < 0x80) break
  }
  if (size > room) throw new DecompressionLimitError(maxBytes)
  return uncompressSync(bytes, { asBuffer: true }) as Buffer
}
