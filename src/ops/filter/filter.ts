import { stringifyExact } from '../../codecs/exact-json'
import { itemAt } from '../../required'
import { limitedTest } from './limited-regex'
import { fault, type Token, tokens } from './tokens'

/** What a filter sees of a record. Each is decoded only when the expression asks for it. */
export interface Filterable {
  readonly key: unknown
  readonly value: unknown
  /** Header values by name, as text. */
  readonly headers: Readonly<Record<string, string>>
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** ms. */
  readonly timestamp: number
}

export type Filter = (record: Filterable) => boolean

/**
 * Compiles a filter expression; nothing of it is ever executed as code. In it: `key`, `value`, `headers`, `topic`,
 * `partition`, `offset`, `timestamp`, with `.field`, `["field"]` and `[0]`; numbers, texts, `true`, `false`, `null`;
 * `== != < <= > >=`, `=~ /regex/`, `!~ /regex/`; `&&`, `||`, `!` and parentheses. A number and a text that looks like one are
 * equal, as keys are texts; any other comparison of different types is false, and so is one with a field that isn't there
 * (save `== null`). Throws UsageError with the place; the filter throws it for a regular expression that takes too long.
 */
export function compileFilter(text: string): Filter {
  const list = tokens(text)
  checkSize(text, list)
  const parser = new Parser(text, list)
  const expression = parser.whole()
  return record => truthy(expression(record))
}

/** The stack ends after some thousand levels. */
const mostTokens = 5_000
const mostNested = 200

/** Throws UsageError for what would take more of the stack than there is. */
function checkSize(text: string, list: readonly Token[]): void {
  if (list.length > mostTokens) throw fault(text, 0, `it has ${list.length} parts, more than ${mostTokens}`)
  let nested = 0
  for (const { kind, value, at } of list) {
    if (kind !== 'sign') continue
    if (value === '(' || value === '!') nested++
    else if (value === ')') nested--
    if (nested > mostNested) throw fault(text, at, `it has more than ${mostNested} parentheses and ! in one another`)
  }
}

type Expression = (record: Filterable) => unknown

const ROOTS: ReadonlySet<string> = new Set(['key', 'value', 'headers', 'topic', 'partition', 'offset', 'timestamp'])
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])
const truthy = (value: unknown) =>
  value !== null && value !== undefined && value !== false && value !== 0 && value !== ''

class Parser {
  private at = 0

  constructor(
    private readonly text: string,
    private readonly list: readonly Token[],
  ) {}

  whole(): Expression {
    const expression = this.or()
    if (this.now.kind !== 'end') throw fault(this.text, this.now.at, 'the expression should end here')
    return expression
  }

  private or(): Expression {
    let left = this.and()
    while (this.takes('||')) {
      const [a, b] = [left, this.and()]
      left = record => truthy(a(record)) || truthy(b(record))
    }
    return left
  }

  private and(): Expression {
    let left = this.not()
    while (this.takes('&&')) {
      const [a, b] = [left, this.not()]
      left = record => truthy(a(record)) && truthy(b(record))
    }
    return left
  }

  private not(): Expression {
    if (!this.takes('!')) return this.comparison()
    const negated = this.not()
    return record => !truthy(negated(record))
  }

  private comparison(): Expression {
    const left = this.operand()
    for (const sign of ['=~', '!~'] as const) {
      if (!this.takes(sign)) continue
      const { now } = this
      if (now.kind !== 'regex') throw fault(this.text, now.at, 'a regular expression should stand here, /like this/')
      this.at++
      const test = limitedTest(now.value)
      return record => matches(left(record), test) === (sign === '=~')
    }
    for (const [sign, compare] of COMPARISONS) {
      if (!this.takes(sign)) continue
      const right = this.operand()
      return record => compare(left(record), right(record))
    }
    return left
  }

  private operand(): Expression {
    const token = this.now
    if (this.takes('(')) {
      const inner = this.or()
      this.expect(')')
      return inner
    }
    if (this.takes('-')) {
      const { now } = this
      if (now.kind !== 'number') throw fault(this.text, now.at, 'a number should stand here')
      this.at++
      return () => -now.value
    }
    if (token.kind === 'number' || token.kind === 'string') {
      this.at++
      return () => token.value
    }
    if (token.kind !== 'name') throw fault(this.text, token.at, 'a field, a number or a text should stand here')
    this.at++
    if (WORDS.has(token.value)) return () => WORDS.get(token.value)
    if (ROOTS.has(token.value)) return this.path(token.value as keyof Filterable)
    throw fault(this.text, token.at, `unknown name (there are ${[...ROOTS].join(', ')}; texts need quotes)`)
  }

  private path(root: keyof Filterable): Expression {
    const steps: (string | number)[] = []
    for (;;) {
      if (this.takes('.')) {
        const { now } = this
        if (now.kind !== 'name') throw fault(this.text, now.at, 'the name of a field should stand here')
        this.at++
        steps.push(now.value)
      } else if (this.takes('[')) {
        const { now } = this
        if (now.kind !== 'string' && now.kind !== 'number') throw fault(this.text, now.at, 'a name or index is missing')
        this.at++
        this.expect(']')
        steps.push(now.kind === 'string' ? now.value : Number(now.value))
      } else break
    }
    return record => steps.reduce<unknown>(child, record[root])
  }

  private get now(): Token {
    return itemAt(this.list, this.at)
  }

  private takes(sign: string): boolean {
    const found = this.now.kind === 'sign' && this.now.value === sign
    if (found) this.at++
    return found
  }

  private expect(sign: string): void {
    if (!this.takes(sign)) throw fault(this.text, this.now.at, `"${sign}" is missing`)
  }
}

/** Own fields only: an expression can't reach what objects inherit. */
function child(parent: unknown, step: string | number): unknown {
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, step)
    ? (parent as Record<string | number, unknown>)[step]
    : undefined
}

/** Undefined where the two can't be compared. A bigint and a number are compared exactly. */
function order(a: unknown, b: unknown): number | undefined {
  if (isNumeric(a) || isNumeric(b)) {
    const [x, y] = [toNumber(a), toNumber(b)]
    return x === undefined || y === undefined ? undefined : compare(x, y)
  }
  return typeof a === 'string' && typeof b === 'string' ? compare(a, b) : undefined
}

const isNumeric = (value: unknown) => typeof value === 'number' || typeof value === 'bigint'
const compare = <T extends number | bigint | string>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0)

function toNumber(value: unknown): number | bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const number = Number(value)
  if (Number.isNaN(number)) return undefined
  return /^-?\d+$/.test(value) && !Number.isSafeInteger(number) ? BigInt(value) : number
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null)
  return order(a, b) === 0
}

const ordered = (test: (order: number) => boolean) => (a: unknown, b: unknown) => {
  const found = order(a, b)
  return found !== undefined && test(found)
}

const COMPARISONS: readonly (readonly [string, (a: unknown, b: unknown) => boolean])[] = [
  ['==', same],
  ['!=', (a, b) => !same(a, b)],
  ['<=', ordered(found => found <= 0)],
  ['>=', ordered(found => found >= 0)],
  ['<', ordered(found => found < 0)],
  ['>', ordered(found => found > 0)],
]

function matches(value: unknown, test: (text: string) => boolean): boolean {
  if (value === null || value === undefined) return false
  return test(typeof value === 'object' ? stringifyExact(value) : `${value}`)
}
