import type { AvroNode } from '../../codecs/avro-node'
import { durationText } from '../../codecs/civil-time'
import { decimalBytes, fixedDecimalBytes } from '../../codecs/decimal'
import { type AvroDuration, bytesMeaning, meantBy } from '../../codecs/logical-types'

/**
 * Whose a text is: `typed` by somebody who means a value of the schema; `shown` by `avroToJson`, whatever the bytes were; `fallback`: a
 * schema's default, which Avro has as bytes.
 */
export type TextFrom = 'typed' | 'shown' | 'fallback'

/** Numbers of more bytes are nobody's, and take long to write in tens. */
const longestNumber = 1024

const isFormed = ({ logical, type }: AvroNode) =>
  logical === 'decimal' || logical === 'duration' || (logical === 'uuid' && type === 'fixed')

/** What bytes of a decimal, uuid or duration say, with digits beyond a decimal's precision too; undefined where their text would give other bytes. */
export function shownText(node: AvroNode, bytes: Buffer): string | undefined {
  if (!isFormed(node) || bytes.length === 0 || bytes.length > Math.max(longestNumber, node.precision)) return undefined
  const value = meantBy(node, bytes)
  const back = node.logical === 'decimal' ? bytesOfDigits(node, value) : bytesMeaning(node, value)
  if (back?.equals(bytes) !== true) return undefined
  if (typeof value === 'string') return value
  const { months, days, millis } = value as AvroDuration
  return durationText(months, days, millis)
}

/** Of a decimal of any number of digits. */
function bytesOfDigits({ type, scale, size }: AvroNode, text: unknown): Buffer | undefined {
  const any = Number.POSITIVE_INFINITY
  return type === 'fixed' ? fixedDecimalBytes(text, any, scale, size) : decimalBytes(text, any, scale)
}

const iso8601 = /^P(\d+)M(\d+)DT(\d+)\.(\d{3})S$/

const latin1 = (text: string) => (/[^\0-\u00ff]/.test(text) ? undefined : Buffer.from(text, 'latin1'))

/** The bytes of a text: of a decimal, a uuid or a duration as what it says, of anything else of one character a byte. Undefined where there are none. */
export function bytesOfText(node: AvroNode, text: unknown, from: TextFrom): Buffer | undefined {
  if (typeof text !== 'string') return undefined
  if (!isFormed(node) || from === 'fallback') return latin1(text)
  if (from === 'typed') return bytesOfMeant(node, text)
  const bytes = node.logical === 'decimal' ? bytesOfDigits(node, text) : bytesOfMeant(node, text)
  if (bytes !== undefined) return bytes
  const plain = latin1(text)
  const isRight = plain !== undefined && (node.type !== 'fixed' || plain.length === node.size)
  // Only what says nothing else is shown a character a byte: any other text was edited, and is no value.
  return isRight && shownText(node, plain) === undefined ? plain : undefined
}

function bytesOfMeant(node: AvroNode, text: string): Buffer | undefined {
  if (node.logical !== 'duration') return bytesMeaning(node, text)
  const [whole, months, days, seconds, millis] = iso8601.exec(text) ?? []
  if (whole === undefined) return undefined
  const counts = { months: Number(months), days: Number(days), millis: Number(seconds) * 1000 + Number(millis) }
  return bytesMeaning(node, counts)
}
