import { useEffect, useRef } from 'preact/hooks'
import { extentOf, nearestTo } from './chart-axes'
import { inkOf } from './ink'
import type { Series } from './joined-series'
import { chartEdges, paintChart } from './paint-chart'

interface HistoryChartProps {
  /** The columns as they are now; asked at each drawing. */
  readonly columns: () => Series
  /** Hears that there is something new to draw; returns what ends that. */
  readonly onChange: (listener: () => void) => () => void
  readonly fromMs: number
  /** Undefined: it moves with now. */
  readonly toMs: number | undefined
  readonly spanMs: number
  readonly zoom: (fromMs: number, toMs: number) => void
  readonly reset: () => void
  readonly tell: (at: ChartPoint | undefined) => void
  readonly theme: string
}

export interface ChartPoint {
  readonly timeMs: number
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly isMean: boolean
}

/** A line of readings and means over the band of lows and highs. Dragging zooms, a double click goes back, `tell` gets the values under the pointer. */
export function HistoryChart(props: HistoryChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const latest = useRef(props)
  latest.current = props
  const draw = useRef(() => {})
  const { onChange, fromMs, toMs, theme } = props
  useEffect(() => {
    if (canvas.current === null) return
    const own = bind(canvas.current, latest)
    draw.current = own.draw
    return own.end
  }, [])
  useEffect(() => {
    draw.current()
    return onChange(() => draw.current())
  }, [onChange, fromMs, toMs, theme])
  return (
    <div class="history-chart">
      <canvas ref={canvas} />
    </div>
  )
}

/** Draws on a canvas, and hears its pointer. */
function bind(canvas: HTMLCanvasElement, latest: { readonly current: HistoryChartProps }) {
  let pointerX: number | undefined
  let selectedFromX: number | undefined
  let isDue = false
  const edges = () => {
    const { fromMs, toMs, spanMs } = latest.current
    const end = toMs ?? Date.now()
    return { low: (toMs === undefined ? end - spanMs : fromMs) / 1000, high: end / 1000 }
  }
  const timeAt = (x: number) => {
    const { low, high } = edges()
    return low + ((x - chartEdges.left) / (canvas.clientWidth - chartEdges.left - chartEdges.right)) * (high - low)
  }
  const paint = () => {
    isDue = false
    const on = canvas.getContext('2d')
    const [width, height, scale] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio]
    if (on === null || width === 0) return
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    const series = latest.current.columns()
    const time = edges()
    const value = extentOf(series.x, [series.low, series.high, series.reading], time) ?? { low: 0, high: 1 }
    const { accent: line, soft, empty: grid } = inkOf(canvas.parentElement ?? document.body)
    paintChart(on, { series, time, value, width, height, scale, line, soft, grid, pointerX, selectedFromX })
  }
  const draw = () => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(paint)
  }
  const move = (x: number | undefined) => {
    pointerX = x
    latest.current.tell(x === undefined ? undefined : pointAt(latest.current.columns(), timeAt(x)))
    draw()
  }
  canvas.onpointermove = event => move(event.offsetX)
  canvas.onpointerleave = () => {
    selectedFromX = undefined
    move(undefined)
  }
  canvas.onpointerdown = event => {
    selectedFromX = event.offsetX
  }
  canvas.onpointerup = event => {
    const from = selectedFromX
    selectedFromX = undefined
    if (from === undefined || Math.abs(event.offsetX - from) < 4) return
    const [start, end] = [timeAt(Math.min(from, event.offsetX)), timeAt(Math.max(from, event.offsetX))]
    latest.current.zoom(start * 1000, end * 1000)
  }
  canvas.ondblclick = () => latest.current.reset()
  const sizes = new ResizeObserver(draw)
  sizes.observe(canvas)
  return { draw, end: () => sizes.disconnect() }
}

function pointAt({ x, low, high, mean, reading }: Series, seconds: number): ChartPoint | undefined {
  const at = nearestTo(x, seconds)
  const time = x[at]
  if (time === undefined) return undefined
  const single = reading[at] ?? null
  return {
    timeMs: time * 1000,
    value: single ?? mean[at] ?? null,
    low: low[at] ?? null,
    high: high[at] ?? null,
    isMean: single === null,
  }
}
