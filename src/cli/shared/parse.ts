import { UsageError } from '../../ops/errors'
import { partitionList as listed } from '../../ops/partition-list'

/** A whole number of at least `least`, for commander. */
export function whole(what: string, least = 0): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
    throw new UsageError(`${what} must be a whole number${least > 0 ? ` of at least ${least}` : ''}, not "${text}"`)
  }
}

/** Partition numbers, `3` or `0,2,5-7`; a repeated option adds up. */
export function partitionList(text: string, earlier: unknown): number[] {
  return [...new Set([...((earlier as number[] | undefined) ?? []), ...listed(text)])]
}

/** `name=value` pairs of a repeated option; null for a bare `name`. */
export function pairs(text: string, earlier: unknown): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new UsageError(`"${text}" should be written name=value`)
  return { ...(earlier as Record<string, string> | undefined), [text.slice(0, equals)]: text.slice(equals + 1) }
}

/** The same as a list, in which names may be repeated. */
export function pairList(text: string, earlier: unknown): (readonly [name: string, value: string])[] {
  return [...((earlier as [string, string][] | undefined) ?? []), ...Object.entries(pairs(text, undefined))]
}

/** The texts of a repeated option. */
export function texts(text: string, earlier: unknown): string[] {
  return [...((earlier as string[] | undefined) ?? []), text]
}
