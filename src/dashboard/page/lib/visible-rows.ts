/** Which rows of a long list are drawn, and how much room stands for the others. */
export interface VisibleRows {
  readonly first: number
  /** The first that is not drawn any more. */
  readonly end: number
  /** px above and below. */
  readonly above: number
  readonly below: number
}

/** @param spare Rows that are drawn beyond both edges, so that scrolling shows no gap. */
export function visibleRows(
  count: number,
  rowHeight: number,
  scrolledPx: number,
  heightPx: number,
  spare = 8,
): VisibleRows {
  const first = clamp(Math.floor(scrolledPx / rowHeight) - spare, 0, count)
  const end = clamp(Math.ceil((scrolledPx + heightPx) / rowHeight) + spare, first, count)
  return { first, end, above: first * rowHeight, below: (count - end) * rowHeight }
}

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))
