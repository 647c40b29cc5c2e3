import { type StreamError, TopologyError } from './errors'
import { nearest } from './nearest'

// Options as a compiler would check them, for who has none: a typo must not be taken for what was left out.

/** What an option may be. */
export interface OptionKind {
  /** Completes "has to be ...". */
  readonly words: string
  readonly fits: (value: unknown) => boolean
  /** It has to be given. */
  readonly isNeeded?: boolean
  /** No message shows a value of it. */
  readonly isSecret?: boolean
}

/** The options that there are, by name. */
export type OptionKinds = Readonly<Record<string, OptionKind>>

export const kind = (words: string, fits: (value: unknown) => boolean): OptionKind => ({ words, fits })
/** The same, and it has to be given. */
export const needed = (of: OptionKind): OptionKind => ({ ...of, isNeeded: true })

/** What is checked elsewhere, where more is known of it; here its name alone. */
export const anything = kind('given', () => true)
export const flag = kind('true or false', value => typeof value === 'boolean')
export const word = kind('a text that is not empty', value => typeof value === 'string' && value !== '')
export const words = kind(
  'a list of texts',
  value => Array.isArray(value) && value.every(each => typeof each === 'string'),
)
export const callback = kind('a function', value => typeof value === 'function')
export const plain = kind('an object', isObject)
export const serde = kind('text, json(), avro(schema) or another serde', value => hasFunction(value, 'bind'))

export const oneOf = (...values: readonly unknown[]): OptionKind =>
  kind(listed(values.map(shown), 'or'), value => values.includes(value))

/** A whole number from `least` on; `unit`: of what. */
export function whole(least: number, unit = ''): OptionKind {
  const range = least === 1 ? 'above 0' : `${least} or more`
  const name = unit === '' ? 'a whole number' : `a whole number of ${unit}`
  const words = `${name}${least === 1 ? ' ' : ', '}${range}`
  return kind(words, value => Number.isSafeInteger(value) && (value as number) >= least)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasFunction(value: unknown, name: string): boolean {
  return isObject(value) && typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'
}

/** `a, b or c`. */
function listed(names: readonly string[], last: 'or' | 'and'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`
}

/** A value for a message; what is large, or says nothing as text, by its kind. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? 'a long text' : `'${value}'`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (isObject(value)) return 'an object'
  return typeof value === 'bigint' ? `${value}n` : String(value)
}

/** What is to be said of a name that isn't among those that there are. */
export function suggestion(name: string, names: readonly string[]): string {
  const meant = nearest(name, names)
  if (meant !== undefined) return `did you mean ${meant}?`
  return `there ${names.length === 1 ? 'is' : 'are'} ${listed(names, 'and') || 'none'}`
}

/** What is wrong with options, each fault a sentence: first names that there aren't, then what is missing, then what can't be. */
export function optionFaults(given: unknown, known: OptionKinds, noun = 'option'): string[] {
  const names = Object.keys(known)
  if (!isObject(given))
    return [`${noun}s are an object, as { ${names.slice(0, 3).join(', ')} }, and not ${shown(given)}`]
  const options = given as Readonly<Record<string, unknown>>
  const unknown = Object.keys(options).filter(name => !Object.hasOwn(known, name) && options[name] !== undefined)
  const faults = unknown.map(name => `there is no ${noun} ${name}; ${suggestion(name, names)}`)
  const absent = names.filter(name => known[name]?.isNeeded && options[name] === undefined)
  // One that is only misspelt isn't missing too.
  const misspelt = new Set(unknown.map(name => nearest(name, names)))
  for (const name of absent.filter(each => !misspelt.has(each)))
    faults.push(`${name} is missing, and has to be ${known[name]?.words}`)
  for (const [name, { words, fits, isSecret }] of Object.entries(known))
    if (options[name] !== undefined && !fits(options[name]))
      faults.push(`${name} has to be ${words}${isSecret ? '' : `, and is ${shown(options[name])}`}`)
  return faults
}

/**
 * Throws for options that no compiler has seen: an unknown name with the nearest one, what is missing, what can't be. `where` begins the
 * message; the error's stack leads to the author's line.
 */
export function checkOptions(
  where: string,
  given: unknown,
  known: OptionKinds,
  Fault: new (message: string) => StreamError = TopologyError,
): void {
  const [first] = optionFaults(given, known)
  if (first !== undefined) throw new Fault(`${where}: ${first}`)
}
