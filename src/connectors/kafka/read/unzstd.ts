import { Decompress } from 'fzstd'
import { DecompressionLimitError } from './decompression-limit-error'

const MAGIC = 0xfd2fb528
/** Bytes of the content size by the descriptor's two highest bits; the first is 0 without, and 1 with a single segment. */
const SIZE_BYTES = [0, 2, 4, 8] as const
const DICTIONARY_BYTES = [0, 1, 2, 4] as const
/** Makes sure that a frame of no blocks at all counts as a frame. */
const NOTHING = Buffer.alloc(0)

/**
 * Decompresses a zstd stream (RFC 8878) block by block, and stops at `maxBytes`. The window, which the library allocates as the
 * frame's header asks, is held to the same limit.
 */
export function unzstd(bytes: Buffer, maxBytes: number): Buffer {
  if (windowBytes(bytes) > maxBytes) throw new DecompressionLimitError(maxBytes)
  const chunks: Uint8Array[] = []
  let total = 0
  new Decompress(chunk => {
    total += chunk.length
    if (total > maxBytes) throw new DecompressionLimitError(maxBytes)
    chunks.push(chunk)
  }).push(bytes, true)
  return chunks.length === 0 ? NOTHING : Buffer.concat(chunks, total)
}

/** What the frame's header asks for: the window, or the content as a whole where there is a single segment. */
function windowBytes(bytes: Buffer): number {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== MAGIC) throw new Error('it is no zstd frame')
  const descriptor = bytes.readUInt8(4)
  const isSingleSegment = (descriptor & 0x20) !== 0
  if (!isSingleSegment) {
    const window = bytes.readUInt8(5)
    const base = 2 ** (10 + (window >> 3))
    return base + (base / 8) * (window & 7)
  }
  const at = 5 + (DICTIONARY_BYTES[descriptor & 3] ?? 0)
  const sizeBytes = SIZE_BYTES[descriptor >> 6] || 1
  if (bytes.length < at + sizeBytes) throw new Error('it ends in the middle')
  if (sizeBytes === 8) return Number(bytes.readBigUInt64LE(at))
  return bytes.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
}
