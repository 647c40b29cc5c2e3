import * as zlib from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { ConfigError } from '../../../errors'
import type { Compression } from '../protocol/record-batch-encoder'

export type { Compression }

export const COMPRESSIONS = ['gzip', 'snappy', 'lz4', 'zstd'] as const
export type CompressionName = (typeof COMPRESSIONS)[number]

/** snappy-java's frame (xerial) of one block: the header, then version and the oldest version that reads it, both 1. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])

/** Kafka's codecs by their numbers in a record batch. zstd throws ConfigError before Node.js 22.15, which is the first to write it. */
export function compression(name: CompressionName): Compression {
  if (name === 'gzip') return { codec: 1, compress: bytes => zlib.gzipSync(bytes) }
  if (name === 'snappy') return { codec: 2, compress: snappy }
  if (name === 'lz4') return { codec: 3, compress: bytes => compressFrameSync(bytes) }
  const zstd: unknown = Reflect.get(zlib, 'zstdCompressSync')
  if (typeof zstd !== 'function')
    throw new ConfigError(
      `zstd is written by Node.js 22.15 or newer, and this is ${process.version}: take gzip, snappy or lz4`,
    )
  return { codec: 4, compress: bytes => zstd(bytes) as Buffer }
}

function snappy(bytes: Buffer): Buffer {
  const block = compressSync(bytes)
  const length = Buffer.alloc(4)
  length.writeInt32BE(block.length)
  return Buffer.concat([XERIAL, length, block])
}
