import { type Cells, KeyStateCode } from '../../contract/fleet-frame'
import type { Grid } from './cell-grid'
import { labelHeight } from './cell-grid'
import { type Domain, palette, shadeOf } from './colour-scale'

/** Colours that the theme says. */
export interface Ink {
  readonly ground: string
  readonly ink: string
  readonly soft: string
  readonly empty: string
  readonly stuck: string
  readonly implausible: string
  readonly silent: string
  readonly unreadable: string
  readonly accent: string
}

export interface Drawing {
  readonly grid: Grid
  readonly cells: Cells
  readonly domain: Domain | undefined
  readonly ink: Ink
  /** Device px per CSS px. */
  readonly scale: number
  readonly pointed: number | undefined
  readonly chosen: number | undefined
  readonly labelOf: (label: string, count: number) => string
}

/** Below this marks within a cell can't be seen, px: then the whole cell has the state's colour. */
const leastForMarks = 10

/** Draws all cells: a figure is a colour, a state is a mark whose shape differs from the others. */
export function paintCells(on: CanvasRenderingContext2D, drawing: Drawing): void {
  const { grid, ink, scale } = drawing
  on.setTransform(scale, 0, 0, scale, 0, 0)
  on.clearRect(0, 0, on.canvas.width, on.canvas.height)
  on.font = '12px system-ui, sans-serif'
  on.textBaseline = 'middle'
  const size = grid.pitch - (grid.pitch > 12 ? 2 : 1)
  for (const { label, labelY, y, cells } of grid.sections) {
    if (label !== '') {
      on.fillStyle = ink.soft
      on.fillText(drawing.labelOf(label, cells.length), 0, labelY + labelHeight / 2)
    }
    for (const [at, cell] of cells.entries()) {
      const x = (at % grid.columns) * grid.pitch
      paintCell(on, drawing, cell, x, y + Math.floor(at / grid.columns) * grid.pitch, size)
    }
  }
}

function paintCell(
  on: CanvasRenderingContext2D,
  drawing: Drawing,
  cell: number,
  x: number,
  y: number,
  size: number,
): void {
  const { cells, domain, ink, pointed, chosen } = drawing
  const state = cells.states[cell] ?? 0
  const shade = domain === undefined ? -1 : shadeOf(cells.values[cell] ?? Number.NaN, domain)
  on.fillStyle = shade < 0 ? ink.empty : (palette[shade] ?? ink.empty)
  if (state >= KeyStateCode.stuck) paintState(on, state, ink, x, y, size)
  else on.fillRect(x, y, size, size)
  if (cell === pointed || cell === chosen) {
    on.strokeStyle = ink.accent
    on.lineWidth = 2
    on.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1)
  }
}

/** A silent key is hollow, a stuck one has a bar, an implausible one a triangle, an unreadable one a cross. */
function paintState(on: CanvasRenderingContext2D, state: number, ink: Ink, x: number, y: number, size: number): void {
  const isSmall = size < leastForMarks
  const colours = ['', '', ink.stuck, ink.implausible, ink.silent, ink.unreadable]
  const colour = colours[state] ?? ink.ink
  if (isSmall && state !== KeyStateCode.silent) {
    on.fillStyle = colour
    on.fillRect(x, y, size, size)
    return
  }
  on.lineWidth = isSmall ? 1.5 : 2
  on.strokeStyle = colour
  if (state === KeyStateCode.silent) {
    on.fillStyle = ink.ground
    on.fillRect(x, y, size, size)
    on.strokeRect(x + 1, y + 1, size - 2, size - 2)
    return
  }
  on.fillStyle = colour
  on.fillRect(x, y, size, size)
  on.fillStyle = ink.ground
  on.strokeStyle = ink.ground
  on.beginPath()
  const [middle, inset] = [size / 2, size * 0.26]
  if (state === KeyStateCode.stuck) on.fillRect(x + inset, y + middle - 1.5, size - 2 * inset, 3)
  else if (state === KeyStateCode.implausible) {
    on.moveTo(x + middle, y + inset)
    on.lineTo(x + size - inset, y + size - inset)
    on.lineTo(x + inset, y + size - inset)
    on.fill()
  } else {
    on.moveTo(x + inset, y + inset)
    on.lineTo(x + size - inset, y + size - inset)
    on.moveTo(x + size - inset, y + inset)
    on.lineTo(x + inset, y + size - inset)
    on.stroke()
  }
}
