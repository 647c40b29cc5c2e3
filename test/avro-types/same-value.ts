import type { AvroNode } from '../../src/codecs/avro-node'

/** JSON whose numbers are texts that begin with `#`: every digit of them is there. */
export function parseDigits(json: string): unknown {
  return JSON.parse(
    json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, token =>
      token[0] === '"' ? token : `"#${token}"`,
    ),
  )
}

const digits = (shown: unknown) => String(shown).replace(/^#/, '')

/** A decimal as an integer of its last place. */
function unscaled(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`)
}

const places: Readonly<Record<string, number>> = { millis: 3, micros: 6, nanos: 9 }

/** Units of a time's text since 1970, or since midnight: `2026-11-29T10:15:00.25+00:00`, `10:15:00.25`. */
function unitsOf(text: string, logical: string): bigint {
  const [, date = '1970-01-01', time = '', fraction = ''] =
    /^(?:(\d{4,}-\d\d-\d\d)T)?(\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)?$/.exec(text) ?? []
  const count = places[logical.slice(logical.lastIndexOf('-') + 1)] ?? 0
  return BigInt(Date.parse(`${date}T${time}Z`) / 1000) * 10n ** BigInt(count) + BigInt(fraction.padEnd(count, '0'))
}

/** Of `P1M2DT3.004S`, parts of which are left out where they are 0, and hours and minutes may be told apart. */
function durationOf(text: string) {
  const part = (letter: string, from: string) => Number(new RegExp(`([\\d.]+)${letter}`).exec(from)?.[1] ?? 0)
  const [date = '', time = ''] = text.split('T')
  const seconds = part('H', time) * 3600 + part('M', time) * 60 + part('S', time)
  return { months: part('Y', date) * 12 + part('M', date), days: part('D', date), millis: Math.round(seconds * 1000) }
}

const bytesIn = (text: string) =>
  text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text, 'base64')

function isSameScalar({ type, logical, scale }: AvroNode, shown: string, value: unknown): boolean {
  if (logical === 'decimal') return unscaled(digits(shown), scale) === unscaled(String(value), scale)
  if (logical === 'duration') return JSON.stringify(durationOf(shown)) === JSON.stringify(value)
  if (logical === 'date') return Date.parse(shown) / 86_400_000 === value
  if (logical === 'uuid') return shown === value
  if (logical !== undefined) return unitsOf(shown, logical) === BigInt(value as bigint)
  if (type === 'int' || type === 'long') return BigInt(digits(shown)) === BigInt(value as bigint)
  if (type === 'float' || type === 'double') return Number(digits(shown)) === value
  if (type === 'bytes' || type === 'fixed') return bytesIn(shown).equals(value as Buffer)
  return type === 'boolean' ? (shown as unknown) === value : shown === value
}

/** Whether what Postgres shows, as `parseDigits` reads it, is a value of a type: written for the tests, from Postgres's documentation alone. */
export function isSame(node: AvroNode, shown: unknown, value: unknown): boolean {
  const [part] = node.parts
  if (value === null) return shown === null
  if (node.type === 'union') return isSameInUnion(node, shown, value)
  if (node.type === 'array' && part !== undefined) {
    const [found, wanted] = [shown as unknown[], value as unknown[]]
    return found.length === wanted.length && found.every((each, i) => isSame(part, each, wanted[i]))
  }
  if (node.type === 'map' && part !== undefined) {
    const [found, wanted] = [shown as Record<string, unknown>, value as Record<string, unknown>]
    const keys = Object.keys(wanted)
    return Object.keys(found).length === keys.length && keys.every(key => isSame(part, found[key], wanted[key]))
  }
  if (node.type !== 'record') return isSameScalar(node, shown as string, value)
  const [found, wanted] = [shown as Record<string, unknown>, value as Record<string, unknown>]
  return node.fields.every(field => isSame(field.node, found[field.name], wanted[field.name]))
}

function isSameInUnion({ parts, isWrapped }: AvroNode, shown: unknown, value: unknown): boolean {
  const branches = parts.filter(({ type }) => type !== 'null')
  const [only, ...more] = branches
  if (only !== undefined && more.length === 0) return isSame(only, shown, value)
  const attempt = (branch: AvroNode, found: unknown, wanted: unknown) => {
    try {
      return isSame(branch, found, wanted)
    } catch {
      return false
    }
  }
  return branches.some(branch => {
    const wanted = isWrapped ? (value as Record<string, unknown>)[branch.name] : value
    if (wanted === undefined) return false
    const inner =
      typeof shown === 'object' && shown !== null ? (shown as Record<string, unknown>)[branch.name] : undefined
    return (inner !== undefined && attempt(branch, inner, wanted)) || attempt(branch, shown, wanted)
  })
}
