import { itemAt } from '../../required'
import { UsageError } from '../errors'

export type Token =
  | { readonly kind: 'number'; readonly value: number | bigint; readonly at: number }
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | { readonly kind: 'regex'; readonly value: RegExp; readonly at: number }
  | { readonly kind: 'name'; readonly value: string; readonly at: number }
  | { readonly kind: 'sign'; readonly value: string; readonly at: number }
  | { readonly kind: 'end'; readonly value: ''; readonly at: number }

const SPACE = /\s+/y
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const NAME = /[A-Za-z_$][\w$-]*/y
const SIGN = /&&|\|\||==|!=|<=|>=|=~|!~|[<>!()[\].,-]/y
const REGEX = /\/((?:[^/\\\n]|\\.)+)\/([imsu]*)/y
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y

/** The error of an expression, with a mark under the place. */
export function fault(text: string, at: number, why: string): UsageError {
  return new UsageError(`filter: ${why} at "${text.slice(at, at + 12) || 'the end'}" (column ${at + 1})`)
}

/** Cuts an expression into tokens. A regular expression stands only where one can: after `=~` or `!~`. */
export function tokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  const next = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  while (at < text.length) {
    const space = next(SPACE)
    if (space !== null) {
      at += space[0].length
      continue
    }
    const last = found.at(-1)
    const regexMayStand = last?.kind === 'sign' && (last.value === '=~' || last.value === '!~')
    const token = read(text, at, next, regexMayStand)
    found.push(token.token)
    at += token.length
  }
  found.push({ kind: 'end', value: '', at })
  return found
}

function read(
  text: string,
  at: number,
  next: (pattern: RegExp) => RegExpExecArray | null,
  regexMayStand: boolean,
): { token: Token; length: number } {
  const regex = regexMayStand ? next(REGEX) : null
  if (regex !== null) return { token: { kind: 'regex', value: compile(text, at, regex), at }, length: regex[0].length }
  const quoted = next(QUOTED)
  if (quoted !== null) {
    return { token: { kind: 'string', value: unquote(quoted[1] ?? quoted[2] ?? ''), at }, length: quoted[0].length }
  }
  const number = next(NUMBER)
  if (number !== null) return { token: { kind: 'number', value: exactNumber(number[0]), at }, length: number[0].length }
  const name = next(NAME)
  if (name !== null) return { token: { kind: 'name', value: name[0], at }, length: name[0].length }
  const sign = next(SIGN)
  if (sign !== null) return { token: { kind: 'sign', value: sign[0], at }, length: sign[0].length }
  throw fault(text, at, text[at] === '"' || text[at] === "'" ? 'a text without its closing quote' : 'not understood')
}

/** All digits of an integer. */
function exactNumber(text: string): number | bigint {
  const number = Number(text)
  return /^\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number
}

function compile(text: string, at: number, match: RegExpExecArray): RegExp {
  try {
    return new RegExp(itemAt(match, 1), match[2])
  } catch (error) {
    throw fault(text, at, (error as Error).message)
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
const unquote = (text: string) => text.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)
