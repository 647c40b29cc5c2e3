import { cellAt, type Grid, gridOf, neighbourOf, placeOf } from './cell-grid'
import { arranged, type Wish } from './cell-order'
import { type Domain, domainOf, steadyDomain } from './colour-scale'
import { type FleetModel, titleOf } from './fleet-model'
import { inkOf } from './ink'
import { type Ink, paintCells } from './paint-cells'
import { figuresText } from './state-words'

/** Sorted anew by what changes so often at most, ms: cells that jump four times a second can't be followed. */
const againMs = 2_000
/** Colours of the theme and the figures that they stand for are looked at so often, ms. */
const lookMs = 1_000

/** The canvas with all cells: it draws after a frame, once per picture of the screen, and says what lies where. */
export class CellPicture {
  grid: Grid = gridOf([], 1, 1)
  private wish: Wish | undefined
  private pointed: number | undefined
  private chosen: string | undefined
  private domain: Domain | undefined
  private ink: Ink | undefined
  private arrangedFor = { table: -1, wish: undefined as Wish | undefined, width: 0, height: 0, atMs: 0 }
  private lookedMs = 0
  private isDue = false
  private readonly ends: (() => void)[] = []

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly model: FleetModel,
    private readonly tellDomain: (domain: Domain | undefined) => void,
    private readonly heightFor: () => number,
  ) {
    this.ends.push(model.onFrame(() => this.draw()))
    const sizes = new ResizeObserver(() => this.draw())
    sizes.observe(canvas.parentElement ?? canvas)
    this.ends.push(() => sizes.disconnect())
  }

  close(): void {
    for (const end of this.ends) end()
  }

  show(wish: Wish, chosen: string | undefined): void {
    this.wish = wish
    this.chosen = chosen
    this.draw()
  }

  point(cell: number | undefined): void {
    if (cell === this.pointed) return
    this.pointed = cell
    this.draw()
  }

  at(x: number, y: number): number | undefined {
    return cellAt(this.grid, x, y)
  }

  from(cell: number | undefined, key: string): number | undefined {
    return neighbourOf(this.grid, cell, key)
  }

  placeOf(cell: number): { readonly x: number; readonly y: number } | undefined {
    return placeOf(this.grid, cell)
  }

  /** Draws with the next picture of the screen. */
  draw(): void {
    if (this.isDue) return
    this.isDue = true
    requestAnimationFrame(now => {
      this.isDue = false
      this.paint(now)
    })
  }

  private paint(now: number): void {
    const { canvas, model, wish } = this
    const on = canvas.getContext('2d')
    const width = canvas.parentElement?.clientWidth ?? 0
    if (on === null || wish === undefined || width === 0) return
    // What comes first has its colours at once.
    if (this.ink === undefined || this.domain === undefined || now - this.lookedMs > lookMs) this.look(now)
    this.arrange(wish, width, now)
    const scale = devicePixelRatio
    const [w, h] = [Math.round(width * scale), Math.max(1, Math.round(this.grid.height * scale))]
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w
      canvas.height = h
      canvas.style.height = `${this.grid.height}px`
    }
    if (this.ink === undefined) return
    paintCells(on, {
      ...{ grid: this.grid, cells: model.cells, domain: this.domain, ink: this.ink, scale, pointed: this.pointed },
      chosen: this.chosen === undefined ? undefined : this.model.names.findIndex(name => titleOf(name) === this.chosen),
      labelOf: (label, count) => `${label} · ${figuresText(count)}`,
    })
  }

  private look(now: number): void {
    this.lookedMs = now
    this.ink = inkOf(this.canvas.parentElement ?? document.body)
    const before = this.domain
    this.domain = steadyDomain(before, domainOf(this.model.cells.values))
    if (this.domain !== before) this.tellDomain(this.domain)
  }

  private arrange(wish: Wish, width: number, now: number): void {
    const { arrangedFor: last, model } = this
    const table = model.table
    const height = this.heightFor()
    const isLoose = wish.sort !== 'key' || wish.group === 'state' || wish.states.size > 0
    const isSame = last.table === table && last.wish === wish && last.width === width && last.height === height
    if (isSame && !(isLoose && now - last.atMs > againMs)) return
    this.arrangedFor = { table, wish, width, height, atMs: now }
    this.grid = gridOf(arranged(model.names, model.cells, wish), width, height)
  }
}
