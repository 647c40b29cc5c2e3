/** An exact decimal number as a text: `-12.50`. It has as many digits behind the point as its schema's scale says. */
export type Decimal = string

const shape = /^(-?)(\d+)(?:\.(\d+))?$/
/** So many digits are exact in a number. */
const exactDigits = 15

/** The digits of a decimal without its point: an integer in units of 10^-scale. Undefined for what isn't one of so many digits. */
function unscaled(text: string, precision: number, scale: number): string | undefined {
  const [, sign = '', whole = '', fraction = ''] = shape.exec(text) ?? []
  if (whole === '') return undefined
  const beyond = fraction.slice(scale)
  if (beyond !== '' && !/^0+$/.test(beyond)) return undefined
  const digits = (whole + fraction.slice(0, scale).padEnd(scale, '0')).replace(/^0+(?=\d)/, '')
  if (digits === '0') return digits
  return digits.length <= precision ? sign + digits : undefined
}

export const isDecimal = (value: unknown, precision: number, scale: number): value is Decimal =>
  typeof value === 'string' && unscaled(value, precision, scale) !== undefined

function pointed(digits: string, scale: number): Decimal {
  if (scale === 0) return digits
  const sign = digits.startsWith('-') ? '-' : ''
  const all = digits.slice(sign.length).padStart(scale + 1, '0')
  return `${sign}${all.slice(0, -scale)}.${all.slice(-scale)}`
}

function bigOf(bytes: Buffer): bigint {
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString('hex')}`))
}

/** The decimal of the integer that Avro has for it: two's complement, big-endian. Throws Error for no bytes. */
export function decimalOf(bytes: Buffer, scale: number): Decimal {
  const { length } = bytes
  if (length === 0) throw new Error('a decimal has no bytes')
  return pointed(String(length <= 6 ? bytes.readIntBE(0, length) : bigOf(bytes)), scale)
}

function bytesOfNumber(value: number): Buffer {
  let size = 1
  for (let limit = 128; value >= limit || value < -limit; limit *= 256) size++
  if (size > 6) return bytesOfBig(BigInt(value))
  const bytes = Buffer.allocUnsafe(size)
  bytes.writeIntBE(value, 0, size)
  return bytes
}

function bytesOfBig(value: bigint): Buffer {
  let size = Math.max(1, Math.floor(value.toString(16).length / 2))
  while (BigInt.asIntN(8 * size, value) !== value) size++
  while (size > 1 && BigInt.asIntN(8 * (size - 1), value) === value) size--
  return Buffer.from(
    BigInt.asUintN(8 * size, value)
      .toString(16)
      .padStart(2 * size, '0'),
    'hex',
  )
}

/** The shortest bytes of a decimal; undefined for what isn't one of so many digits. */
export function decimalBytes(value: unknown, precision: number, scale: number): Buffer | undefined {
  const digits = typeof value === 'string' ? unscaled(value, precision, scale) : undefined
  if (digits === undefined) return undefined
  return digits.length <= exactDigits ? bytesOfNumber(Number(digits)) : bytesOfBig(BigInt(digits))
}

/** The same in so many bytes. */
export function fixedDecimalBytes(value: unknown, precision: number, scale: number, size: number): Buffer | undefined {
  const bytes = decimalBytes(value, precision, scale)
  if (bytes === undefined || bytes.length >= size) return bytes?.length === size ? bytes : undefined
  const isNegative = (bytes[0] as number) > 127
  return Buffer.concat([Buffer.alloc(size - bytes.length, isNegative ? 255 : 0), bytes])
}

/** The same number with as many digits behind the point as the scale says, so that equal ones are one text. */
export function canonicalDecimal(value: Decimal, scale: number): Decimal {
  return pointed(unscaled(value, Number.POSITIVE_INFINITY, scale) ?? value, scale)
}
