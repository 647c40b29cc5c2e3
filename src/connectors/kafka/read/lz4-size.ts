const MAGIC = 0x184d2204
const HAS_BLOCK_CHECKSUMS = 0x10
const HAS_CONTENT_SIZE = 0x08
const HAS_DICTIONARY = 0x01
const UNCOMPRESSED = 0x80000000

/**
 * How many bytes an LZ4 frame decompresses to at the least, found without decompressing: the library has no limit to stop at.
 * The lengths that the blocks' sequences name are added up until they pass `limit`. 0 where the frame is damaged, which the library says better.
 */
export function leastLz4Limit(bytes: Buffer, limit: number): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) return 0
  const flags = bytes.readUInt8(4)
  const blockBytes = 2 ** (8 + 2 * ((bytes.readUInt8(5) >> 4) & 7))
  const trailer = (flags & HAS_BLOCK_CHECKSUMS) === 0 ? 0 : 4
  let at = 7 + ((flags & HAS_CONTENT_SIZE) === 0 ? 0 : 8) + ((flags & HAS_DICTIONARY) === 0 ? 0 : 4)
  let blocks = 0
  let total = 0
  const begin = at
  // Blocks are as good as always full: only where that many would be too much, what is in them is counted.
  for (; at + 4 <= bytes.length && bytes.readUInt32LE(at) !== 0; blocks++)
    at += 4 + (bytes.readUInt32LE(at) & ~UNCOMPRESSED) + trailer
  if (blocks * blockBytes <= limit) return 0
  for (at = begin; at + 4 <= bytes.length && total <= limit; ) {
    const size = bytes.readUInt32LE(at)
    if (size === 0) break
    const length = size & ~UNCOMPRESSED
    const end = at + 4 + length
    if (end > bytes.length) return 0
    total += size >= UNCOMPRESSED ? length : blockSize(bytes, at + 4, end)
    at = end + trailer
  }
  return total
}

/** The sum of what a block's sequences of literals and matches yield. */
function blockSize(bytes: Buffer, start: number, end: number): number {
  let p = start
  let total = 0
  const extended = (first: number): number => {
    let length = first
    if (first < 15) return length
    for (let more = 255; more === 255 && p < end; length += more) more = bytes.readUInt8(p++)
    return length
  }
  while (p < end) {
    const token = bytes.readUInt8(p++)
    const literals = extended(token >> 4)
    total += literals
    p += literals + 2
    // The last sequence is literals alone.
    if (p > end) break
    total += 4 + extended(token & 15)
  }
  return total
}
