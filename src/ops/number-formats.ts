import { DecodeError } from '../errors'

/** Numbers as Kafka's own serializers write them. */
export type NumberFormat = 'int' | 'long' | 'double'
export const NUMBER_FORMATS: readonly NumberFormat[] = ['int', 'long', 'double']

const sizes: Readonly<Record<NumberFormat, number>> = { int: 4, long: 8, double: 8 }

/** The number's text in JSON, with all its digits; NaN and infinities are JSON texts. Throws DecodeError. */
export function numberText(format: NumberFormat, buffer: Buffer, start: number, end: number): string {
  if (end - start !== sizes[format])
    throw new DecodeError(`${format} takes ${sizes[format]} bytes, and there are ${end - start}`)
  if (format === 'int') return `${buffer.readInt32BE(start)}`
  if (format === 'long') return `${buffer.readBigInt64BE(start)}`
  const value = buffer.readDoubleBE(start)
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : `${value}`
  return `"${value}"`
}

/** The bytes of a number in text. Throws Error for what is none. */
export function numberBytes(format: NumberFormat, text: string): Buffer {
  const bytes = Buffer.alloc(sizes[format])
  if (format === 'double') {
    const value = Number(text)
    const isNumber = text.trim() !== '' && (Number.isFinite(value) || /^(NaN|-?Infinity)$/.test(text))
    if (!isNumber) throw new Error(`${JSON.stringify(text)} is no double`)
    bytes.writeDoubleBE(value)
    return bytes
  }
  const bits = format === 'int' ? 32 : 64
  if (!/^-?\d+$/.test(text) || BigInt.asIntN(bits, BigInt(text)) !== BigInt(text))
    throw new Error(`${JSON.stringify(text)} is no ${format} (an integer of ${bits} bits)`)
  if (format === 'int') bytes.writeInt32BE(Number(text))
  else bytes.writeBigInt64BE(BigInt(text))
  return bytes
}
