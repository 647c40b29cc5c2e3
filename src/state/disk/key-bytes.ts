import type { Windowed } from '../../record'
import { parseState, stateText } from '../state-codec'

/**
 * State keys as strings of bytes (one character, U+0000 to U+00FF, a byte), in the order of `compareKeys`: numbers, then what is
 * neither number nor text, then windowed keys, then text by its UTF-8 bytes. No key's bytes begin another's, so that a time may
 * follow them.
 */
export function keyBytes(key: unknown): string {
  if (typeof key === 'string') return Tag.text + textBytes(key)
  if (typeof key === 'number') return Tag.number + numberBytes(key)
  if (!isWindowed(key)) return Tag.json + textBytes(stateText(key))
  return Tag.windowed + keyBytes(key.key) + numberBytes(key.window.end) + numberBytes(key.window.start)
}

/** The key that begins at `start`, and where its bytes end. */
export function readKeyBytes(bytes: string, start = 0): { readonly key: unknown; readonly end: number } {
  const tag = bytes.charAt(start)
  const from = start + 1
  if (tag === Tag.number) return { key: readNumber(bytes, from), end: from + numberLength }
  if (tag === Tag.windowed) {
    const { key, end } = readKeyBytes(bytes, from)
    const window = { start: readNumber(bytes, end + numberLength), end: readNumber(bytes, end) }
    return { key: { key, window }, end: end + 2 * numberLength }
  }
  const end = bytes.indexOf(terminator, from)
  const text = readText(bytes.slice(from, end))
  return { key: tag === Tag.json ? parseState(text) : text, end: end + terminator.length }
}

/** Length of a number's bytes. */
export const numberLength = 8

const bytesOfDouble = Buffer.alloc(numberLength)
const double = new DataView(bytesOfDouble.buffer, bytesOfDouble.byteOffset, numberLength)
const signBit = 0x8000_0000

/** A double as bytes in the order of numbers: sign flipped, and every bit of a negative one. -0 is 0. */
export function numberBytes(value: number): string {
  double.setFloat64(0, value + 0)
  const high = double.getInt32(0)
  if (high < 0) invert(high)
  else double.setInt32(0, high | signBit)
  return bytesOfDouble.toString('latin1')
}

export function readNumber(bytes: string, start: number): number {
  bytesOfDouble.write(bytes.slice(start, start + numberLength), 'latin1')
  const high = double.getInt32(0)
  if (high < 0) double.setInt32(0, high ^ signBit)
  else invert(high)
  return double.getFloat64(0)
}

function invert(high: number): void {
  double.setInt32(0, ~high)
  double.setInt32(4, ~double.getInt32(4))
}

const Tag = { number: '\x10', json: '\x20', windowed: '\x30', text: '\x40' } as const
/** After a text; within one, the escape follows a zero. */
const terminator = '\0\0'
const escapedZero = '\0\xff'
const notAscii = /[\x80-\uffff]/
/** No UTF-8 has this byte: it begins a surrogate that has no partner. */
const loneSurrogate = '\xf8'

function textBytes(text: string): string {
  const bytes = notAscii.test(text) ? utf8Bytes(text) : text
  return (bytes.includes('\0') ? bytes.replaceAll('\0', escapedZero) : bytes) + terminator
}

function readText(bytes: string): string {
  const text = bytes.includes('\0') ? bytes.replaceAll(escapedZero, '\0') : bytes
  if (!notAscii.test(text)) return text
  if (!text.includes(loneSurrogate)) return Buffer.from(text, 'latin1').toString()
  return text.replace(/\xf8([\s\S])([\s\S])|[^\xf8]+/g, (part, high?: string, low = '') =>
    high === undefined
      ? Buffer.from(part, 'latin1').toString()
      : String.fromCharCode((high.charCodeAt(0) << 8) | low.charCodeAt(0)),
  )
}

const utf8Bytes = (text: string) => (isWellFormed(text) ? Buffer.from(text).toString('latin1') : illFormedBytes(text))

/** UTF-8 can't say half a surrogate pair, and would make all of them one key. */
function illFormedBytes(text: string): string {
  let bytes = ''
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes +=
      code >= 0xd800 && code <= 0xdfff
        ? loneSurrogate + String.fromCharCode(code >> 8, code & 0xff)
        : Buffer.from(character).toString('latin1')
  }
  return bytes
}

const isWellFormed = (text: string) => (text as unknown as { isWellFormed(): boolean }).isWellFormed()

/** Exactly key and window, so that nothing of another object is lost. */
function isWindowed(key: unknown): key is Windowed<unknown> {
  if (typeof key !== 'object' || key === null || !('key' in key && 'window' in key)) return false
  const { window } = key as { window: { start?: unknown; end?: unknown } | null }
  return (
    typeof window?.start === 'number' &&
    typeof window.end === 'number' &&
    Object.keys(key).length === 2 &&
    Object.keys(window).length === 2
  )
}
