import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { visibleRows } from '../lib/visible-rows'

export interface Column<Row> {
  readonly name: string
  /** The head; `name` where it is left out. */
  readonly title?: string
  readonly cell: (row: Row) => ComponentChildren
  /** At the end of its column, figures below figures. */
  readonly number?: boolean
  /** Can be sorted by. */
  readonly sort?: boolean
  /** Of all widths together, as CSS has it: `30%`, `120px`. */
  readonly width?: string
}

interface TableProps<Row> {
  /** What the table shows, for those who hear it. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly open?: (row: Row) => void
  readonly chosen?: string | undefined
  readonly sort?: { readonly by: string; readonly descending: boolean; readonly change: (by: string) => void }
  /** What stands there when no row does. */
  readonly empty?: ComponentChildren
  /** The most that it takes, px; beyond it scrolls within. */
  readonly maxHeight?: number
}

/** As in tokens.css. */
const rowRem = 2

/**
 * A table that draws the rows that can be seen: 10,000 cost what 40 do. Arrow keys, Home and End go through the rows, Enter opens one.
 *
 * @example
 * <Table label="Topics" columns={columns} rows={rows} keyOf={row => row.topic} open={row => go(pathTo('topic', row))} />
 */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, keyOf, open, chosen, empty, maxHeight = 640 } = props
  const { frame, rowHeight, seen, look } = useVisibleRows(rows.length)
  if (rows.length === 0) return <>{empty}</>
  const cells = (row: Row) =>
    columns.map(({ name, cell, number }) => (
      <td key={name} class={number ? 'number' : undefined}>
        {cell(row)}
      </td>
    ))
  return (
    <section
      class="table"
      ref={frame}
      onScroll={look}
      style={{ '--table-height': `${maxHeight}px`, '--row': `${rowHeight}px` }}
      // A table that scrolls is reached by the keyboard.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the browser scrolls what has the focus.
      tabIndex={0}
      aria-label={label}
    >
      <table aria-rowcount={rows.length + 1}>
        <Head {...props} />
        <tbody onKeyDown={moveFocus}>
          {seen.above > 0 && <Room height={seen.above} columns={columns.length} />}
          {rows.slice(seen.first, seen.end).map((row, at) => (
            <tr
              key={keyOf(row)}
              aria-rowindex={seen.first + at + 2}
              aria-selected={chosen === undefined ? undefined : chosen === keyOf(row)}
              class={open && 'can-open'}
              tabIndex={open && 0}
              onClick={open && (event => isPlain(event) && open(row))}
              onKeyDown={open && (event => event.key === 'Enter' && event.target === event.currentTarget && open(row))}
            >
              {cells(row)}
            </tr>
          ))}
          {seen.below > 0 && <Room height={seen.below} columns={columns.length} />}
        </tbody>
      </table>
    </section>
  )
}

function Head<Row>({ columns, sort }: TableProps<Row>) {
  return (
    <thead>
      <tr>
        {columns.map(({ name, title = name, number, width, sort: canSort }) => (
          <th
            key={name}
            scope="col"
            class={number ? 'number' : undefined}
            style={width === undefined ? undefined : { width }}
            aria-sort={sort?.by === name ? (sort.descending ? 'descending' : 'ascending') : undefined}
          >
            {canSort && sort !== undefined ? (
              <button type="button" onClick={() => sort.change(name)}>
                {title}
                {sort.by === name && (sort.descending ? ' ↓' : ' ↑')}
              </button>
            ) : (
              title
            )}
          </th>
        ))}
      </tr>
    </thead>
  )
}

/** Stands for the rows that aren't drawn. */
function Room({ height, columns }: { readonly height: number; readonly columns: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row takes no focus.
    <tr class="room" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  )
}

function useVisibleRows(count: number) {
  const frame = useRef<HTMLElement>(null)
  const [view, setView] = useState({ top: 0, height: 800, rowHeight: 32 })
  const look = () => {
    const element = frame.current
    if (element === null) return
    const rowHeight = rowRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
    const next = { top: element.scrollTop, height: element.clientHeight, rowHeight }
    setView(last =>
      last.top === next.top && last.height === next.height && last.rowHeight === rowHeight ? last : next,
    )
  }
  useLayoutEffect(() => {
    look()
    addEventListener('resize', look)
    return () => removeEventListener('resize', look)
  }, [count])
  return { frame, look, rowHeight: view.rowHeight, seen: visibleRows(count, view.rowHeight, view.top, view.height) }
}

/** A click that chooses text or follows a link in a row doesn't open the row. */
function isPlain(event: MouseEvent): boolean {
  const target = event.target
  const isControl = target instanceof Element && target.closest('a, button, input, select') !== null
  return !isControl && (getSelection()?.isCollapsed ?? true)
}

function moveFocus(event: KeyboardEvent): void {
  const row = event.target instanceof Element ? event.target.closest('tr') : null
  const body = row?.parentElement
  if (row === null || body === null || body === undefined) return
  const to = {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    Home: body.firstElementChild,
    End: body.lastElementChild,
  }[event.key]
  if (!(to instanceof HTMLElement)) return
  event.preventDefault()
  to.focus()
}
