import type { Page } from '../contract'

export interface PageQuery {
  readonly search?: string | undefined
  readonly offset: number
  readonly limit: number
}

/** One page of rows, chosen by a part of their names. */
export function pageOf<T>(rows: readonly T[], nameOf: (row: T) => string, query: PageQuery): Page<T> {
  const { search = '', offset, limit } = query
  const wanted = search.toLowerCase()
  const matching = wanted === '' ? rows : rows.filter(row => nameOf(row).toLowerCase().includes(wanted))
  return { rows: matching.slice(offset, offset + limit), matching: matching.length, total: rows.length }
}

/** Sorted by what `of` gives, texts by their code points; what is not known comes last either way. */
export function sortedBy<T>(
  rows: readonly T[],
  of: (row: T) => string | number | null,
  descending: boolean,
): readonly T[] {
  const direction = descending ? -1 : 1
  return [...rows].sort((a, b) => {
    const [x, y] = [of(a), of(b)]
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    return x === y ? 0 : (x < y ? -1 : 1) * direction
  })
}
