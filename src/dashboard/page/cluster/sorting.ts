import { query, setQuery } from '../shell/location'

/** How a list is sorted, as its address says. */
export interface Sorting<By extends string> {
  readonly by: By
  readonly descending: boolean
  readonly change: (by: string) => void
}

/**
 * By the first of `names` where the address says nothing that is among them. The same column again turns it round; `largestFirst` are those of
 * which one wants to see the largest.
 */
export function sortingOf<By extends string>(
  names: readonly [By, ...By[]],
  largestFirst: readonly By[] = [],
): Sorting<By> {
  const { sort, descending } = query.value
  const by = names.find(name => name === sort) ?? names[0]
  const change = (next: string) => {
    const turned = next === by ? descending === undefined : largestFirst.some(name => name === next)
    setQuery({ sort: next === names[0] ? undefined : next, descending: turned ? 'true' : undefined, offset: undefined })
  }
  return { by, descending: descending !== undefined, change }
}
