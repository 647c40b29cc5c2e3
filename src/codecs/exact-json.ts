/** A number in JSON that a JavaScript number would change, or text that is no JSON or too deep. */
export class JsonError extends Error {}

/** Levels of objects and arrays, as Jackson's default (`StreamReadConstraints`): JSON.stringify and most walks are recursive. */
export const maxJsonDepth = 1_000

/** Where a number may be that JSON.parse changes: 16 digits before a point, or an exponent of three. */
const suspect = /(?:^|[^\d.])\d{16}|\d[eE]\+?\d{3}/
/** A text or a number. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const integer = /^-?\d+$/

/** Whether a number is the very integer that is written; what is no integer it may round, to anything but infinity. */
function isSame(token: string): boolean {
  const number = Number(token)
  if (!Number.isFinite(number)) return false
  return !integer.test(token) || Number.isSafeInteger(number) || BigInt(number) === BigInt(token)
}

/** Whether a number stands for what is written: also by digits that are its own shortest ones, which others make of a double. */
const isKept = (token: string): boolean => isSame(token) || String(Number(token)) === token

/** The first number that JSON.parse would change: an integer beyond 2^53 - 1 (as a rule), or one that becomes infinite. */
function changedNumber(text: string, isUnchanged: (token: string) => boolean): string | undefined {
  if (!suspect.test(text)) return undefined
  for (const [token] of text.matchAll(tokens)) if (token[0] !== '"' && !isUnchanged(token)) return token
  return undefined
}

function isDeeper(text: string, limit: number): boolean {
  if (text.length <= 2 * limit) return false
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x22) quoted = !quoted
    else if (quoted) continue
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

/** Throws JsonError for more than `limit` levels of objects and arrays. */
export function checkDepth(text: string, limit: number): void {
  if (isDeeper(text, limit)) throw new JsonError(`it is nested deeper than ${limit} levels`)
}

/** As JSON.parse. Throws JsonError for a number that it would change, and beyond `limit` levels; SyntaxError. */
export function parseStrict(text: string, limit = maxJsonDepth): unknown {
  checkDepth(text, limit)
  const value: unknown = JSON.parse(text)
  const changed = changedNumber(text, isKept)
  if (changed === undefined) return value
  throw new JsonError(`the number ${changed} is beyond what a JavaScript number holds; a text holds it`)
}

/** As JSON.parse, with a bigint for an integer that a number would change. Throws JsonError beyond `limit` levels; SyntaxError. */
export function parseExact(text: string, limit = maxJsonDepth): unknown {
  checkDepth(text, limit)
  const value: unknown = JSON.parse(text)
  return changedNumber(text, isSame) === undefined ? value : new Parser(text).value()
}

const spaces = /[ \t\n\r]*/y
const literal = /"(?:[^"\\]|\\.)*"|[^\s,:{}[\]"]+/y

/** Reads text that JSON.parse has found to be JSON. */
class Parser {
  private at = 0

  constructor(private readonly text: string) {}

  value(): unknown {
    if (this.takes('{')) return this.object()
    if (this.takes('[')) return this.array()
    const token = this.token()
    return integer.test(token) && !isSame(token) ? BigInt(token) : (JSON.parse(token) as unknown)
  }

  private object(): Record<string, unknown> {
    const found: Record<string, unknown> = {}
    if (this.takes('}')) return found
    do {
      const name = JSON.parse(this.token()) as string
      this.takes(':')
      // As JSON.parse: `__proto__` is a name like any other.
      Object.defineProperty(found, name, { value: this.value(), enumerable: true, configurable: true, writable: true })
    } while (this.takes(','))
    this.takes('}')
    return found
  }

  private array(): unknown[] {
    const found: unknown[] = []
    if (this.takes(']')) return found
    do found.push(this.value())
    while (this.takes(','))
    this.takes(']')
    return found
  }

  private token(): string {
    spaces.lastIndex = this.at
    literal.lastIndex = this.at + (spaces.exec(this.text)?.[0].length ?? 0)
    const [token] = literal.exec(this.text) as RegExpExecArray
    this.at = literal.lastIndex
    return token
  }

  private takes(sign: string): boolean {
    spaces.lastIndex = this.at
    const at = this.at + (spaces.exec(this.text)?.[0].length ?? 0)
    if (this.text[at] !== sign) return false
    this.at = at + 1
    return true
  }
}

/** As JSON.stringify, with bigints as digits and -0 as -0. Throws JsonError for NaN and infinities, naming the place, and too many levels. */
export function stringifyExact(value: unknown, path = 'value', depth = 0): string {
  if (typeof value === 'bigint') return String(value)
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new JsonError(`${path} is ${value}, which JSON can't hold`)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (depth >= maxJsonDepth) throw new JsonError(`${path.slice(0, 60)} is nested deeper than ${maxJsonDepth} levels`)
  if (Array.isArray(value))
    return `[${value.map((each, i) => stringifyExact(each, `${path}.${i}`, depth + 1)).join(',')}]`
  if ('toJSON' in value && typeof value.toJSON === 'function') return stringifyExact(value.toJSON(''), path, depth + 1)
  const parts = Object.entries(value)
    .filter(([, each]) => each !== undefined && typeof each !== 'function' && typeof each !== 'symbol')
    .map(([name, each]) => `${JSON.stringify(name)}:${stringifyExact(each, `${path}.${name}`, depth + 1)}`)
  return `{${parts.join(',')}}`
}
