import { type Extent, figureTicks, timeTicks } from './chart-axes'
import type { Series } from './joined-series'
import { figure } from './state-words'

export interface ChartDrawing {
  readonly series: Series
  /** Times of the edges, seconds; and the figures. */
  readonly time: Extent
  readonly value: Extent
  /** CSS px. */
  readonly width: number
  readonly height: number
  readonly scale: number
  readonly line: string
  readonly soft: string
  readonly grid: string
  /** Where the crosshair is, and a selection begins, CSS px. */
  readonly pointerX: number | undefined
  readonly selectedFromX: number | undefined
}

export const chartEdges = { left: 58, right: 8, top: 8, bottom: 26 } as const

/** Draws grid, band, mean and readings. */
export function paintChart(on: CanvasRenderingContext2D, drawing: ChartDrawing): void {
  const { width, height, scale, pointerX, selectedFromX, time, value } = drawing
  const { left, right, top, bottom } = chartEdges
  on.setTransform(scale, 0, 0, scale, 0, 0)
  on.clearRect(0, 0, width, height)
  const [w, h] = [width - left - right, height - top - bottom]
  const xOf = (seconds: number) => left + ((seconds - time.low) / (time.high - time.low)) * w
  const yOf = (each: number) => top + (1 - (each - value.low) / (value.high - value.low)) * h
  paintAxes(on, drawing, xOf, yOf)
  on.save()
  on.beginPath()
  on.rect(left, top, w, h)
  on.clip()
  paintSeries(on, drawing, xOf, yOf)
  on.fillStyle = drawing.soft
  if (selectedFromX !== undefined && pointerX !== undefined) {
    on.globalAlpha = 0.15
    on.fillRect(Math.min(selectedFromX, pointerX), top, Math.abs(pointerX - selectedFromX), h)
    on.globalAlpha = 1
  }
  if (pointerX !== undefined) on.fillRect(pointerX, top, 1, h)
  on.restore()
}

type Place = (value: number) => number

function paintAxes(on: CanvasRenderingContext2D, drawing: ChartDrawing, xOf: Place, yOf: Place): void {
  const { width, height, time, value, grid, soft } = drawing
  const { left, right, top, bottom } = chartEdges
  on.font = '12px system-ui, sans-serif'
  on.textBaseline = 'middle'
  on.textAlign = 'right'
  for (const tick of figureTicks(value, 5)) {
    on.fillStyle = grid
    on.fillRect(left, yOf(tick), width - left - right, 1)
    on.fillStyle = soft
    on.fillText(figure(tick), left - 8, yOf(tick))
  }
  on.textAlign = 'center'
  const ticks = timeTicks({ low: time.low * 1000, high: time.high * 1000 }, Math.max(2, Math.floor(width / 90)))
  const isFine = (time.high - time.low) / ticks.length < 60
  for (const tick of ticks) {
    const x = xOf(tick / 1000)
    on.fillStyle = grid
    on.fillRect(x, top, 1, height - top - bottom)
    on.fillStyle = soft
    on.fillText(wallTime(tick, isFine), x, height - bottom / 2)
  }
}

function wallTime(ms: number, withSeconds: boolean): string {
  const at = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  if (!withSeconds && at.getHours() + at.getMinutes() === 0) return `${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${two(at.getHours())}:${two(at.getMinutes())}${withSeconds ? `:${two(at.getSeconds())}` : ''}`
}

function paintSeries(on: CanvasRenderingContext2D, { series, line }: ChartDrawing, xOf: Place, yOf: Place): void {
  const { x, low, high, mean, reading } = series
  on.fillStyle = line
  on.strokeStyle = line
  on.globalAlpha = 0.22
  on.beginPath()
  for (let i = 0; i < x.length; i++) if (low[i] !== null) on.lineTo(xOf(x[i] ?? 0), yOf(low[i] ?? 0))
  for (let i = x.length - 1; i >= 0; i--) if (high[i] !== null) on.lineTo(xOf(x[i] ?? 0), yOf(high[i] ?? 0))
  on.fill()
  on.globalAlpha = 0.55
  strokeLine(on, x, reading, xOf, yOf)
  on.globalAlpha = 1
  on.lineWidth = 1.5
  strokeLine(on, x, mean, xOf, yOf)
  on.lineWidth = 1
}

function strokeLine(
  on: CanvasRenderingContext2D,
  x: readonly number[],
  values: readonly (number | null)[],
  xOf: Place,
  yOf: Place,
): void {
  on.beginPath()
  for (const [i, value] of values.entries()) if (value !== null) on.lineTo(xOf(x[i] ?? 0), yOf(value))
  on.stroke()
}
