import { UsageError } from '../../errors'
import type { Place } from '../../ops/browse'

/** A place as text: `o.0-120.1-88`. The letter says in which direction it leads. */
export function cursorOf(place: Place, direction: 'older' | 'newer'): string {
  return [direction === 'older' ? 'o' : 'n', ...[...place].map(([partition, offset]) => `${partition}-${offset}`)].join(
    '.',
  )
}

/** Throws UsageError for a text that isn't a cursor. */
export function parseCursor(text: string): { readonly place: Place; readonly direction: 'older' | 'newer' } {
  if (!/^[on](\.\d{1,9}-\d{1,16})*$/.test(text))
    throw new UsageError('this is no cursor: take "older" or "newer" of an answer as it is')
  const [letter, ...places] = text.split('.')
  const pairs = places.map(each => each.split('-').map(Number) as [number, number])
  return { place: new Map(pairs), direction: letter === 'o' ? 'older' : 'newer' }
}
