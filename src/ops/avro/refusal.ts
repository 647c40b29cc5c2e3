import type { AvroNode } from '../../codecs/avro-node'
import { stringifyExact } from '../../codecs/exact-json'

/** `"abc" is no decimal of 10 digits, 2 of them behind the point: write a text such as "0.50"`. */
export function refusal(value: unknown, wanted: AvroNode): string {
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const decimal = [wanted, ...wanted.parts].find(({ logical }) => logical === 'decimal')
  // A number is what most people try first, and JSON's numbers are no decimals.
  const written = isNumber && decimal !== undefined ? `: write it as a text, "${value}"` : ''
  return `${say(value)} is no ${describe(wanted)}${written || hintOf(wanted)}`
}

function describe(node: AvroNode): string {
  const { type, name, logical, logicalType, precision, scale } = node
  if (type === 'union') return `union of ${node.parts.map(part => part.logical ?? part.name).join(', ')}`
  if (type === 'enum') return `${name} (${node.symbols.slice(0, 10).join(', ')})`
  if (logical === 'decimal') return `decimal of ${precision} digits, ${scale} of them behind the point`
  if (logical === 'uuid' || logical === 'duration') return logical
  if (type === 'fixed') return `${name} (${node.size} bytes)`
  return logicalType === undefined ? name : `${name} (${logicalType})`
}

const hints: Readonly<Record<string, string>> = {
  uuid: 'a text such as "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"',
  duration: 'a text such as "P1M2DT3.004S"',
  date: 'days since 1970-01-01',
  'time-millis': 'milliseconds since midnight, below 86400000',
  'time-micros': 'microseconds since midnight, below 86400000000',
  'timestamp-millis': 'unix seconds, milliseconds, or ISO 8601 such as "2026-11-22T15:00:00Z"',
  'timestamp-micros': 'unix seconds, microseconds, or ISO 8601 such as "2026-11-22T15:00:00Z"',
  'timestamp-nanos': 'nanoseconds since 1970',
  'local-timestamp-millis': 'milliseconds since 1970',
  'local-timestamp-micros': 'microseconds since 1970',
  'local-timestamp-nanos': 'nanoseconds since 1970',
}

function hintOf({ logical, scale }: AvroNode): string {
  if (logical === 'decimal') return `: write a text such as "${scale === 0 ? '7' : `0.${'5'.padEnd(scale, '0')}`}"`
  const hint = logical === undefined ? undefined : hints[logical]
  return hint === undefined ? '' : `: write ${hint}`
}

function say(value: unknown): string {
  let text: string
  try {
    text = stringifyExact(value)
  } catch (error) {
    text = (error as Error).message
  }
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
