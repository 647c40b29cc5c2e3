import * as zlib from 'node:zlib'

const LZ4_MAGIC = 0x184d2204
/** snappy-java frames its blocks (xerial); librdkafka sends one bare block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER = 16
/** Matches of an LZ4 block are at least so long. */
const LEAST_MATCH = 4

/** Node has it from 22.15 on. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Buffer) => Buffer }

/** The codecs by their number in a record batch, with how they are read; undefined where this Node can't. */
export const CODECS: readonly (readonly [name: string, read: ((bytes: Buffer) => Buffer) | undefined])[] = [
  ['none', bytes => bytes],
  ['gzip', bytes => zlib.gunzipSync(bytes)],
  ['snappy', snappy],
  ['lz4', lz4],
  ['zstd', zstdDecompressSync],
]

/** Bytes that grow; a copy may reach back into what was written before. */
class Written {
  private buffer: Buffer
  length = 0

  constructor(expected: number) {
    this.buffer = Buffer.allocUnsafe(expected)
  }

  add(from: Buffer, start: number, end: number): void {
    if (end > from.length || end < start) throw new RangeError('it ends in the middle')
    this.room(end - start)
    this.length += from.copy(this.buffer, this.length, start, end)
  }

  repeat(back: number, count: number): void {
    if (back === 0 || back > this.length) throw new RangeError('it refers to what is before its start')
    this.room(count)
    const { buffer } = this
    let at = this.length
    // Where it overlaps itself, it repeats what it has just written.
    if (back >= count) buffer.copy(buffer, at, at - back, at - back + count)
    else for (const end = at + count; at < end; at++) buffer[at] = buffer[at - back]!
    this.length += count
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length)
  }

  private room(more: number): void {
    if (this.length + more <= this.buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.length + more))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
  }
}

function snappy(bytes: Buffer): Buffer {
  const out = new Written(4 * bytes.length)
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) snappyBlock(bytes, out)
  else
    for (let at = XERIAL_HEADER; at < bytes.length; ) {
      const start = at + 4
      at = start + bytes.readInt32BE(at)
      snappyBlock(bytes.subarray(start, at), out)
    }
  return out.bytes()
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
function snappyBlock(bytes: Buffer, out: Written): void {
  let at = 0
  let expected = out.length
  for (let shift = 0; ; shift += 7) {
    const byte = bytes.readUInt8(at++)
    expected += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  while (at < bytes.length) {
    const tag = bytes[at++]!
    let length = (tag >>> 2) + 1
    if ((tag & 3) === 0) {
      if (length > 60) {
        const size = length - 60
        length = bytes.readUIntLE(at, size) + 1
        at += size
      }
      out.add(bytes, at, at + length)
      at += length
    } else if ((tag & 3) === 1) {
      out.repeat(((tag & 0xe0) << 3) | bytes.readUInt8(at++), ((tag >>> 2) & 7) + 4)
    } else {
      const size = (tag & 3) === 2 ? 2 : 4
      out.repeat(bytes.readUIntLE(at, size), length)
      at += size
    }
  }
  if (out.length !== expected) throw new RangeError('it is not as long as it says')
}

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md; checksums are not checked, since the record batch has its own. */
function lz4(bytes: Buffer): Buffer {
  if (bytes.readUInt32LE(0) !== LZ4_MAGIC) throw new RangeError('no LZ4 frame')
  const flags = bytes.readUInt8(4)
  const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0
  let at = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0)
  const out = new Written(4 * bytes.length)
  for (;;) {
    const size = bytes.readUInt32LE(at)
    at += 4
    if (size === 0) return out.bytes()
    const end = at + (size & 0x7fffffff)
    if (size >>> 31 === 1) out.add(bytes, at, end)
    else lz4Block(bytes.subarray(at, end), out)
    at = end + blockChecksum
  }
}

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function lz4Block(bytes: Buffer, out: Written): void {
  let at = 0
  const extended = (short: number): number => {
    let length = short
    if (short === 15) {
      let byte: number
      do {
        byte = bytes.readUInt8(at++)
        length += byte
      } while (byte === 255)
    }
    return length
  }
  while (at < bytes.length) {
    const token = bytes[at++]!
    const literals = extended(token >>> 4)
    out.add(bytes, at, at + literals)
    at += literals
    // The last sequence has literals alone.
    if (at === bytes.length) return
    const back = bytes.readUInt16LE(at)
    at += 2
    out.repeat(back, extended(token & 15) + LEAST_MATCH)
  }
}
