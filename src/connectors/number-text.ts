/** Longest text of a number that these functions write: `-1.7976931348623157e+308`. */
export const longestNumber = 25

const scales = Float64Array.from({ length: 32 }, (_, exponent) => 2 ** (53 - exponent))

function digitCount(n: number): number {
  if (n < 1e5) return n < 100 ? (n < 10 ? 1 : 2) : n < 1e3 ? 3 : n < 1e4 ? 4 : 5
  return n < 1e7 ? (n < 1e6 ? 6 : 7) : n < 1e8 ? 8 : n < 1e9 ? 9 : 10
}

/** Writes the decimal digits of an integer in 0 … 2^31 - 1 and returns where they end. */
export function writeUint31(bytes: Buffer, at: number, value: number): number {
  const end = at + digitCount(value)
  let rest = value
  for (let i = end - 1; i >= at; i--) {
    const tens = (rest / 10) | 0
    bytes[i] = 48 + rest - tens * 10
    rest = tens
  }
  return end
}

/** Writes a safe integer as decimal text and returns where it ends. */
export function writeInteger(bytes: Buffer, at: number, value: number): number {
  if (value >= 0 && value < 0x80000000) return writeUint31(bytes, at, value)
  return at + bytes.write(String(value), at, 'latin1')
}

/**
 * Writes the text that `String(value)` gives (the shortest that reads back as the same double) and returns where it ends.
 * From 16 to 2^31 digits are made here, in half the time: there the fraction in units of half an ulp has at most 49 bits, so
 * that ten times it is still exact in a double (Steele & White 1990, "(FP)³").
 */
export function writeDouble(bytes: Buffer, at: number, value: number): number {
  if (!(value >= 16 && value < 0x80000000)) return at + bytes.write(String(value), at, 'latin1')
  const whole = value | 0
  const end = writeUint31(bytes, at, whole)
  if (whole === value) return end
  return writeFraction(bytes, end, value - whole, scales[31 - Math.clz32(whole)]!)
}

/** `scale` is the number of half ulps in 1. */
function writeFraction(bytes: Buffer, at: number, fraction: number, scale: number): number {
  const unit = 1 / scale
  let rest = fraction * scale
  let halfUlp = 1
  // A text right between two doubles reads back as the one whose last bit is 0.
  const slack = rest % 4 === 0 ? 0 : 1
  let end = at
  bytes[end++] = 46
  for (;;) {
    rest *= 10
    halfUlp *= 10
    const digit = (rest * unit) | 0
    rest -= digit * scale
    const down = rest <= halfUlp - slack
    const up = rest >= scale - halfUlp + slack
    if (down || up) {
      const half = rest + rest
      const roundUp = up && (!down || half > scale || (half === scale && (digit & 1) === 1))
      bytes[end++] = 48 + digit + (roundUp ? 1 : 0)
      return end
    }
    bytes[end++] = 48 + digit
  }
}

/**
 * Writes microseconds as seconds: `micros` with a point in it and without trailing zeros. It reads back as the double
 * `micros / 1e6`, and no shorter text does until 2^33 s (the year 2242), from where doubles are rarer than micros.
 */
export function writeSeconds(bytes: Buffer, at: number, micros: number): number {
  let start = at
  let rest = micros
  if (rest < 0) {
    bytes[start++] = 45
    rest = -rest
  }
  const seconds = Math.floor(rest / 1e6)
  let fraction = rest - seconds * 1e6
  let end = writeInteger(bytes, start, seconds)
  if (fraction === 0) return end
  bytes[end] = 46
  for (let i = end + 6; i > end; i--) {
    const tens = (fraction / 10) | 0
    bytes[i] = 48 + fraction - tens * 10
    fraction = tens
  }
  end += 7
  while (bytes[end - 1] === 48) end--
  return end
}
