import { DecodeError } from '../errors'

/** Numbers as Kafka's own serializers write them. */
export type NumberFormat = 'short' | 'int' | 'long' | 'float' | 'double'
export const NUMBER_FORMATS: readonly NumberFormat[] = ['short', 'int', 'long', 'float', 'double']

const sizes: Readonly<Record<NumberFormat, number>> = {
  ...{ short: 2, int: 4, long: 8 },
  ...{ float: 4, double: 8 },
}
const bitsOf = (format: NumberFormat) => sizes[format] * 8

/** The number's text in JSON, with all its digits; NaN and infinities are JSON texts. Throws DecodeError. */
export function numberText(format: NumberFormat, buffer: Buffer, start: number, end: number): string {
  if (end - start !== sizes[format])
    throw new DecodeError(`${format} takes ${sizes[format]} bytes, and there are ${end - start}`)
  if (format === 'short' || format === 'int') return `${buffer.readIntBE(start, sizes[format])}`
  if (format === 'long') return `${buffer.readBigInt64BE(start)}`
  const value = format === 'double' ? buffer.readDoubleBE(start) : shortest(buffer.readFloatBE(start))
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : `${value}`
  return `"${value}"`
}

/** The shortest number of which 32 bits are the same: 0.1 and not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(value.toPrecision(digits))
    if (Object.is(Math.fround(candidate), value)) return candidate
  }
  return value
}

/** The bytes of a number in text. Throws Error for what is none. */
export function numberBytes(format: NumberFormat, text: string): Buffer {
  const bytes = Buffer.alloc(sizes[format])
  if (format === 'double' || format === 'float') {
    const value = Number(text)
    const isNumber = text.trim() !== '' && (Number.isFinite(value) || /^(NaN|-?Infinity)$/.test(text))
    if (!isNumber) throw new Error(`${JSON.stringify(text)} is no ${format}`)
    if (format === 'float' && Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
      throw new Error(`${JSON.stringify(text)} is no float (32 bits)`)
    if (format === 'double') bytes.writeDoubleBE(value)
    else bytes.writeFloatBE(value)
    return bytes
  }
  const bits = bitsOf(format)
  if (!/^-?\d+$/.test(text) || BigInt.asIntN(bits, BigInt(text)) !== BigInt(text))
    throw new Error(`${JSON.stringify(text)} is no ${format} (an integer of ${bits} bits)`)
  if (format !== 'long') bytes.writeIntBE(Number(text), 0, sizes[format])
  else bytes.writeBigInt64BE(BigInt(text))
  return bytes
}
