import type { AvroNode } from '../../codecs/avro-node'
import { durationText } from '../../codecs/civil-time'
import { type AvroDuration, bytesMeaning, meantBy } from '../../codecs/logical-types'

/** What bytes of a decimal, uuid or duration say; undefined where their text would give other bytes. */
export function shownText(node: AvroNode, bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined
  const value = meantBy(node, bytes)
  if (bytesMeaning(node, value)?.equals(bytes) !== true) return undefined
  if (typeof value === 'string') return value
  const { months, days, millis } = value as AvroDuration
  return durationText(months, days, millis)
}

const iso8601 = /^P(\d+)M(\d+)DT(\d+)\.(\d{3})S$/

const isLatin1 = (text: string) => !/[^\0-\u00ff]/.test(text)

/** The bytes of a text: of a decimal, a uuid or a duration as what it says, of anything else of one character a byte. Undefined where there are none. */
export function bytesOfText(node: AvroNode, text: unknown): Buffer | undefined {
  if (typeof text !== 'string') return undefined
  return bytesOfShown(node, text) ?? (isLatin1(text) ? Buffer.from(text, 'latin1') : undefined)
}

function bytesOfShown(node: AvroNode, text: string): Buffer | undefined {
  if (node.logical !== 'duration') return bytesMeaning(node, text)
  const [whole, months, days, seconds, millis] = iso8601.exec(text) ?? []
  if (whole === undefined) return undefined
  const counts = { months: Number(months), days: Number(days), millis: Number(seconds) * 1000 + Number(millis) }
  return bytesMeaning(node, counts)
}
