import { gzipSync } from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { CODECS } from '../../../src/connectors/kafka/read/decompress'

const read = (name: string, bytes: Buffer) => CODECS.find(each => each[0] === name)![1](bytes).toString('latin1')
const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
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
