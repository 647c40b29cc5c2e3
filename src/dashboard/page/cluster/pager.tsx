import { counted, exact } from '../lib/format'
import { query, setQuery } from '../shell/location'

/** What the API gives at once. */
export const pageSize = 500

/** Links to the pages of a long list, kept in the address; nothing while it fits on one page. */
export function Pager({ shown, matching }: { readonly shown: number; readonly matching: number }) {
  const offset = offsetOf()
  if (matching <= pageSize && offset === 0) return null
  const to = (next: number) => setQuery({ offset: next > 0 ? String(next) : undefined }, true)
  return (
    <nav class="row pager" aria-label="Pages">
      <button type="button" class="button" disabled={offset === 0} onClick={() => to(Math.max(0, offset - pageSize))}>
        Before
      </button>
      <span class="soft">
        {shown === 0 ? 'none here' : `${exact(offset + 1)}–${exact(offset + shown)}`} of {exact(matching)}
      </span>
      <button type="button" class="button" disabled={offset + shown >= matching} onClick={() => to(offset + pageSize)}>
        After
      </button>
    </nav>
  )
}

/** `14 topics`, or `3 of 14 topics` where a search leaves some out. */
export const titleOf = (matching: number, total: number, one: string): string =>
  matching === total ? counted(total, one) : `${exact(matching)} of ${counted(total, one)}`

/** How many rows the address passes over. */
export function offsetOf(): number {
  const offset = Number(query.value.offset ?? '0')
  return Number.isSafeInteger(offset) && offset > 0 ? offset : 0
}
