import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Series } from './joined-series'

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

const height = () => Math.max(200, Math.min(360, Math.round(innerHeight * 0.36)))

/** A line of readings and means over the band of lows and highs. Dragging zooms, a double click goes back, the crosshair's values are told. */
export function HistoryChart(props: HistoryChartProps) {
  const frame = useRef<HTMLDivElement>(null)
  const latest = useRef(props)
  latest.current = props
  const { onChange, theme } = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme needs other colours, which uPlot takes when it is made.
  useEffect(() => {
    const root = frame.current
    if (root === null) return
    const chart = new uPlot(optionsFor(root, latest), dataOf(latest.current.columns()), root)
    const draw = () => {
      const { fromMs, toMs, spanMs, columns } = latest.current
      const end = toMs ?? Date.now()
      chart.batch(() => {
        chart.setData(dataOf(columns()), false)
        chart.setScale('x', { min: (toMs === undefined ? end - spanMs : fromMs) / 1000, max: end / 1000 })
      })
    }
    draw()
    const end = onChange(draw)
    const sizes = new ResizeObserver(() => chart.setSize({ width: root.clientWidth, height: height() }))
    sizes.observe(root)
    return () => {
      end()
      sizes.disconnect()
      chart.destroy()
    }
  }, [onChange, theme])
  return <div class="history-chart" ref={frame} aria-hidden="true" />
}

const dataOf = ({ x, low, high, mean, reading }: Series): uPlot.AlignedData => [x, low, high, mean, reading]

function optionsFor(root: HTMLElement, latest: { readonly current: HistoryChartProps }): uPlot.Options {
  const colour = (name: string) => {
    root.style.color = `var(${name})`
    const found = getComputedStyle(root).color
    root.style.color = ''
    return found
  }
  const [line, soft, grid] = [colour('--accent'), colour('--ink-soft'), colour('--line')]
  const axis = { stroke: soft, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } }
  const band = { stroke: 'transparent', width: 0, points: { show: false }, spanGaps: false }
  const faded = (share: string) =>
    line.replace(/^rgb\((.*)\)$/, (_, inside: string) => `rgb(${inside.replaceAll(',', ' ')} / ${share})`)
  return {
    width: root.clientWidth,
    height: height(),
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false } },
    scales: { x: { time: true }, y: { range: (_, low, high) => paddedRange(low, high) } },
    axes: [axis, { ...axis, size: 62 }],
    series: [
      {},
      { ...band, label: 'low' },
      { ...band, label: 'high' },
      { label: 'mean', stroke: line, width: 1, spanGaps: true, points: { show: false } },
      { label: 'reading', stroke: faded('55%'), width: 1, points: { show: false } },
    ],
    bands: [{ series: [2, 1], fill: faded('22%') }],
    hooks: {
      setCursor: [chart => latest.current.tell(pointAt(chart))],
      setSelect: [
        chart => {
          const { left, width } = chart.select
          if (width < 4) return
          latest.current.zoom(chart.posToVal(left, 'x') * 1000, chart.posToVal(left + width, 'x') * 1000)
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
      ready: [chart => chart.over.addEventListener('dblclick', () => latest.current.reset())],
    },
  }
}

function paddedRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1]
  const room = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1
  return [low - room, high + room]
}

function pointAt(chart: uPlot): ChartPoint | undefined {
  const at = chart.cursor.idx
  const [x, low, high, mean, reading] = chart.data
  const time = at === null || at === undefined ? undefined : x[at]
  if (at === null || at === undefined || time === undefined) return undefined
  const single = reading?.[at] ?? null
  return {
    timeMs: time * 1000,
    value: single ?? mean?.[at] ?? null,
    low: low?.[at] ?? null,
    high: high?.[at] ?? null,
    isMean: single === null,
  }
}
