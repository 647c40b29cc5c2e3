import { gzipSync } from 'node:zlib'
import { CODECS } from '../../../src/connectors/kafka/decompress'

const read = (name: string, bytes: Buffer) => CODECS.find(each => each[0] === name)![1]!(bytes).toString('latin1')
const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const le32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

test('gzip', () => expect(read('gzip', gzipSync('text'))).toBe('text'))

describe('snappy', () => {
  // 12 bytes: the literal abc, then 9 bytes copied from 3 back, with an offset of one byte (11 bits), of two, and of four.
  const repeated = ['0c 08 616263 15 03', '0c 08 616263 22 0300', '0c 08 616263 23 03000000']
  test.each(repeated)('a block with a copy that overlaps itself: %s', block => {
    expect(read('snappy', hex(block))).toBe('abcabcabcabc')
  })

  test('a literal whose length is behind its tag, and a length of two bytes', () => {
    const text = 'x'.repeat(300)
    expect(read('snappy', Buffer.concat([hex('ac02 f4 2b01'), Buffer.from(text)]))).toBe(text)
    const short = 'y'.repeat(100)
    expect(read('snappy', Buffer.concat([hex('64 f0 63'), Buffer.from(short)]))).toBe(short)
  })

  test('blocks in the frame of snappy-java', () => {
    const block = hex(repeated[0]!)
    const framed = Buffer.concat([
      hex('82534e4150505900 00000001 00000001'),
      hex('00000007'),
      block,
      hex('00000007'),
      block,
    ])
    expect(read('snappy', framed)).toBe('abcabcabcabcabcabcabcabc')
  })

  test.each(['0c 08 6162', '0c 08 616263 15 04', '0d 08 616263 15 03', '0c 15 03', '', 'ff'])(
    '%s is damaged',
    block => {
      expect(() => read('snappy', hex(block))).toThrow()
    },
  )
})

describe('lz4', () => {
  const frame = (flags: string, ...parts: Buffer[]) => Buffer.concat([hex('04224d18'), hex(flags), ...parts, le32(0)])
  // The literal abc, 9 bytes from 3 back; the last sequence has literals alone.
  const block = hex('35 616263 0300 50 6465666768')
  const sized = (bytes: Buffer) => Buffer.concat([le32(bytes.length), bytes])
  const text = 'abcabcabcabcdefgh'

  test('a block, one that is not compressed, and checksums and sizes that are passed over', () => {
    expect(read('lz4', frame('60 40 82', sized(block)))).toBe(text)
    const plain = Buffer.concat([le32(0x80000003), Buffer.from('xyz')])
    expect(read('lz4', frame('60 40 82', plain, sized(block)))).toBe(`xyz${text}`)
    expect(read('lz4', frame('78 40 1100000000000000 82', sized(block), hex('00000000')))).toBe(text)
  })

  test('a block that refers to the one before', () => {
    const second = hex('05 1100 50 6465666768')
    expect(read('lz4', frame('40 40 82', sized(block), sized(second)))).toBe(`${text}abcabcabcdefgh`)
  })

  test('long runs have lengths of several bytes', () => {
    const literals = Buffer.from('x'.repeat(15 + 255 + 3))
    const run = Buffer.concat([hex('ff ff 03'), literals, hex('0100 ff 0a 50 6465666768')])
    expect(read('lz4', frame('60 40 82', sized(run)))).toBe(`${'x'.repeat(273 + 15 + 255 + 10 + 4)}defgh`)
  })

  test.each(['35 616263 0400 50 6465666768', '35 6162', '05 0100', 'f0'])('%s is damaged', bytes => {
    expect(() => read('lz4', frame('60 40 82', sized(hex(bytes))))).toThrow()
  })
})
