import { gzipSync } from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { CODECS } from '../../../src/connectors/kafka/read/decompress'

const decompress = (name: string, bytes: Buffer, maxBytes: number) =>
  CODECS.find(each => each[0] === name)?.[1](bytes, maxBytes) ?? Buffer.alloc(0)
const read = (name: string, bytes: Buffer) => decompress(name, bytes, 1e6).toString('latin1')
const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const le32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer).toString('hex')
const le24 = (value: number) => le32(value).slice(0, 6)
const be32 = (value: number) => hex(value.toString(16).padStart(8, '0'))
const text = Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? (i * 7919).toString(36) : 'same again')).join(' ')

test('gzip', () => expect(read('gzip', gzipSync(text))).toBe(text))

describe('snappy', () => {
  // 12 bytes: the literal abc, then 9 bytes copied from 3 back.
  const block = hex('0c 08 616263 15 03')
  const frame = (...blocks: Buffer[]) =>
    Buffer.concat([hex('82534e4150505900 00000001 00000001'), ...blocks.flatMap(each => [be32(each.length), each])])

  test('one bare block', () => {
    expect(read('snappy', block)).toBe('abcabcabcabc')
    expect(read('snappy', compressSync(text))).toBe(text)
  })

  test('blocks in the frame of snappy-java', () => {
    expect(read('snappy', frame(block, block))).toBe('abcabcabcabcabcabcabcabc')
    expect(read('snappy', frame(compressSync(text)))).toBe(text)
    expect(read('snappy', frame())).toBe('')
  })

  test.each(['0c 08 6162', '0c 08 616263 15 04', '0d 08 616263 15 03', '0c 15 03', 'ff'])('%s is damaged', damaged => {
    expect(() => read('snappy', hex(damaged))).toThrow()
  })

  test('a frame that ends in the middle is damaged', () => {
    expect(() => read('snappy', frame(block).subarray(0, -1))).toThrow()
    expect(() => read('snappy', frame(block, block).subarray(0, 16 + 4 + block.length + 2))).toThrow()
  })
})

describe('lz4', () => {
  test.each([{}, { blockChecksums: true, contentChecksum: true }])('a frame with %j', options => {
    expect(read('lz4', compressFrameSync(text, options))).toBe(text)
  })

  test('a block whose last match is followed by literals alone', () => {
    const block = '35 616263 0300 50 6465666768'
    expect(read('lz4', hex(`04224d18 60 40 82 0c000000 ${block} 00000000`))).toBe('abcabcabcabcdefgh')
  })

  test.each(['35 616263 0400 50 6465666768', '35 6162', '05 0100', 'f0'])('%s is damaged', damaged => {
    const block = hex(damaged)
    const size = Buffer.from([block.length, 0, 0, 0])
    expect(() => read('lz4', Buffer.concat([hex('04224d18 60 40 82'), size, block, hex('00000000')]))).toThrow()
  })
})

describe('zstd', () => {
  test('a frame with a raw block, and one with a repeated byte', () => {
    expect(read('zstd', hex('28b52ffd 20 03 190000 616263'))).toBe('abc')
    expect(read('zstd', hex('28b52ffd 20 05 2b0000 78'))).toBe('xxxxx')
  })

  test('what is no frame is damaged', () => expect(() => read('zstd', Buffer.from('whatever'))).toThrow())
})

describe('what decompresses to more than is allowed is refused', () => {
  const zeros = Buffer.alloc(300_000)
  // A frame of one block that repeats a byte, without and with a content size, and a window of a gigabyte.
  const rle = (size: number) => hex(`28b52ffd 80 50 ${le32(size)} ${le24((size << 3) | 3)} 78`)

  test.each([
    ['gzip', gzipSync(zeros)],
    ['snappy', compressSync(zeros)],
    ['snappy', Buffer.from('ffffffff0f00', 'hex')],
    ['lz4', compressFrameSync(zeros)],
    ['lz4', hex(`04224d18 60 70 73 ${le32(1000)} 1f 00 0100 ${'ff'.repeat(995)}00 00000000`)],
    ['zstd', rle(100_001)],
    ['zstd', hex('28b52ffd 00 a0 2b0000 78')],
  ])('%s', (name, bytes) => {
    expect(() => decompress(name, bytes, 100_000)).toThrow(
      'it decompresses to more than the 100000 bytes that are allowed',
    )
  })

  test('and what just fits is not', () => {
    for (const [name, bytes] of [
      ['gzip', gzipSync(zeros)],
      ['snappy', compressSync(zeros)],
      ['lz4', compressFrameSync(zeros)],
    ] as const)
      expect(decompress(name, bytes, zeros.length)).toHaveLength(zeros.length)
  })

  test('lz4: many small blocks of a frame that could hold larger ones count as what they are', () => {
    const block = '35 616263 0300 50 6465666768'
    const frame = hex(`04224d18 60 70 73 ${`0c000000 ${block} `.repeat(20)} 00000000`)
    expect(decompress('lz4', frame, 1000)).toHaveLength(20 * 17)
    expect(() => decompress('lz4', frame, 300)).toThrow('more than the 300 bytes')
  })
})
