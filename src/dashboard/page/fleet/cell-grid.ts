import type { Section } from './cell-order'

/** Where cells lie on the canvas, in CSS px. */
export interface Grid {
  readonly columns: number
  /** Of a cell with the gap beside it. */
  readonly pitch: number
  readonly height: number
  readonly sections: readonly PlacedSection[]
}
interface PlacedSection extends Section {
  /** Where its label stands, and where its cells begin. */
  readonly labelY: number
  readonly y: number
}

export const labelHeight = 22
const sizes = { least: 7, most: 52 }
const sectionGap = 8

/** Lays sections out over a width, with cells as large as fit in a height; never so small that they can't be pointed at. */
export function gridOf(sections: readonly Section[], width: number, height: number): Grid {
  let pitch = sizes.most
  while (pitch > sizes.least && heightOf(sections, width, pitch) > height) pitch--
  const columns = columnsOf(width, pitch)
  const placed: PlacedSection[] = []
  let y = 0
  for (const section of sections) {
    const label = section.label === '' ? 0 : labelHeight
    placed.push({ ...section, labelY: y, y: y + label })
    y += label + Math.ceil(section.cells.length / columns) * pitch + sectionGap
  }
  return { columns, pitch, height: Math.max(0, y - sectionGap), sections: placed }
}

const columnsOf = (width: number, pitch: number) => Math.max(1, Math.floor(width / pitch))

function heightOf(sections: readonly Section[], width: number, pitch: number): number {
  const columns = columnsOf(width, pitch)
  const rows = sections.reduce((sum, { cells }) => sum + Math.ceil(cells.length / columns), 0)
  const labels = sections.filter(({ label }) => label !== '').length
  return rows * pitch + labels * labelHeight + Math.max(0, sections.length - 1) * sectionGap
}

/** The cell at a point; undefined where none is. */
export function cellAt({ sections, columns, pitch }: Grid, x: number, y: number): number | undefined {
  const column = Math.floor(x / pitch)
  if (column < 0 || column >= columns) return undefined
  for (const section of sections) {
    if (y < section.y) return undefined
    const row = Math.floor((y - section.y) / pitch)
    const rows = Math.ceil(section.cells.length / columns)
    if (row < rows) return section.cells[row * columns + column]
  }
  return undefined
}

/** Where a cell lies; undefined where it isn't drawn. */
export function placeOf(
  { sections, columns, pitch }: Grid,
  cell: number,
): { readonly x: number; readonly y: number } | undefined {
  for (const { cells, y } of sections) {
    const at = cells.indexOf(cell)
    if (at >= 0) return { x: (at % columns) * pitch, y: y + Math.floor(at / columns) * pitch }
  }
  return undefined
}

/** The cell that an arrow key, Home or End leads to from another one; the first where there is none yet. */
export function neighbourOf(grid: Grid, cell: number | undefined, key: string): number | undefined {
  const order = grid.sections.flatMap(({ cells }) => cells)
  const at = cell === undefined ? -1 : order.indexOf(cell)
  if (at < 0) return order[0]
  const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }
  const step = steps[key]
  if (step !== undefined) return order[at + step] ?? cell
  if (key === 'Home') return order[0]
  if (key === 'End') return order.at(-1)
  return vertical(grid, cell ?? 0, key === 'ArrowUp' ? -1 : 1) ?? cell
}

function vertical(grid: Grid, cell: number, direction: number): number | undefined {
  const place = placeOf(grid, cell)
  if (place === undefined) return undefined
  const x = place.x + grid.pitch / 2
  // Over a label and over the end of a short row.
  for (
    let y = place.y + grid.pitch / 2 + direction * grid.pitch;
    y > 0 && y < grid.height;
    y += direction * (grid.pitch / 2)
  ) {
    const found = cellAt(grid, x, y)
    if (found !== undefined && found !== cell) return found
  }
  return undefined
}
