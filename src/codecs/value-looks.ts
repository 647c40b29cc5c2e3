import type { Logical } from './logical'

const looks: Readonly<Record<string, string>> = {
  ...{ int: 'number', long: 'number', 'abstract:long': 'number', float: 'number', double: 'number' },
  ...{ bytes: 'buffer', fixed: 'buffer', enum: 'string', map: 'object', record: 'object', error: 'object' },
}

/** What a value of a type is in JavaScript: a union that has two of one kind can't tell by a value which of its types is meant. */
export function lookOf(type: string, logical: Logical | undefined): string {
  if (logical === 'decimal' || logical === 'uuid') return 'string'
  if (logical === 'duration') return 'object'
  if (isNanos(logical)) return 'bigint'
  return looks[type] ?? type
}

export const isNanos = (logical: Logical | undefined): boolean =>
  logical === 'timestamp-nanos' || logical === 'local-timestamp-nanos'

/** Whether two values are alike: the union's values then name their type, `{ int: 5 }`. */
export const areAlike = (all: readonly string[]): boolean => new Set(all).size < all.length
