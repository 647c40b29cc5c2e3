import { isUtf8 } from 'node:buffer'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const unprintable = /[\u0000-\u001f\u007f]/

/** A key for people: text as it is, a Java integer or long as a number, anything else as hexadecimal digits. */
export function keyText(key: Buffer): string {
  if (key.length > 0 && isUtf8(key)) {
    const text = key.toString('utf8')
    if (!unprintable.test(text)) return text
  }
  if (key.length === 4) return String(key.readInt32BE(0))
  if (key.length === 8) return String(key.readBigInt64BE(0))
  return `0x${key.toString('hex')}`
}

/** The bytes of the key that is shown as this text: of a number, the first form (its digits, 4 or 8 bytes) that `has` knows. */
export function keyBytes(text: string, has: (key: Buffer) => boolean): Buffer | undefined {
  const candidates = [Buffer.from(text, 'utf8')]
  if (/^0x([0-9a-f]{2})*$/.test(text)) candidates.push(Buffer.from(text.slice(2), 'hex'))
  if (/^-?\d{1,19}$/.test(text)) {
    const value = BigInt(text)
    if (BigInt.asIntN(32, value) === value) {
      const four = Buffer.alloc(4)
      four.writeInt32BE(Number(value))
      candidates.push(four)
    }
    if (BigInt.asIntN(64, value) === value) {
      const eight = Buffer.alloc(8)
      eight.writeBigInt64BE(value)
      candidates.push(eight)
    }
  }
  return candidates.find(has)
}
