import { useEffect, useMemo, useState } from 'preact/hooks'
import { decodePoints } from '../../contract/fleet-frame'
import { Card } from '../components/card'
import { Foreign } from '../components/foreign'
import { RangePicker } from '../components/range-picker'
import { nowMs } from '../data/clock'
import { live } from '../data/session'
import { clock } from '../lib/format'
import { pathTo } from '../lib/routes'
import { rangeMs, type TimeRange } from '../lib/time-range'
import { query, setQuery } from '../shell/location'
import { themeName } from '../shell/theme-choice'
import { type ChartPoint, HistoryChart } from './history-chart'
import { JoinedSeries } from './joined-series'
import { figure } from './state-words'

interface KeyPanelProps {
  readonly application: string
  readonly topic: string
  readonly field: string
  readonly keyText: string
  readonly close: string
}

const rangeOf = (asked: Readonly<Record<string, string>>): TimeRange => ({
  from: asked['since'] ?? '-1h',
  to: asked['until'] ?? '',
})

/** One key over time: what came, joined to what comes now. The address says the stretch of time, so that a link shows the same. */
export function KeyPanel({ topic, field, keyText, close }: KeyPanelProps) {
  const range = rangeOf(query.value)
  const [point, setPoint] = useState<ChartPoint>()
  const span = useMemo(() => rangeMs(range, Date.now()), [range.from, range.to])
  const { series, changes, latest } = useSeries({ topic, field, key: keyText, fromMs: span.fromMs })
  return (
    <Card
      title={<Foreign>{keyText}</Foreign>}
      tools={
        <>
          <RangePicker range={range} change={({ from, to }) => setQuery({ since: from, until: to }, true)} />
          <a class="button plain" href={close} aria-label="Close the key">
            Close
          </a>
        </>
      }
    >
      <div class="key-panel">
        <Readout field={field} point={point} latest={latest} />
        <HistoryChart
          {...{ fromMs: span.fromMs, spanMs: span.toMs - span.fromMs, theme: themeName.value, tell: setPoint }}
          columns={() => series.columns()}
          onChange={changes.hear}
          toMs={range.to === '' ? undefined : span.toMs}
          zoom={(from, to) => setQuery({ since: String(Math.round(from)), until: String(Math.round(to)) }, true)}
          reset={() => setQuery({ since: undefined, until: undefined }, true)}
        />
        <KeyFacts topic={topic} />
      </div>
    </Card>
  )
}

interface SeriesQuestion {
  readonly topic: string
  readonly field: string
  readonly key: string
  readonly fromMs: number
}

/** The series of a key, which grows while it is shown. */
function useSeries({ topic, field, key, fromMs }: SeriesQuestion) {
  const [latest, setLatest] = useState<JoinedSeries['latest']>()
  const { series, changes } = useMemo(
    () => ({ series: new JoinedSeries(undefined, fromMs), changes: listeners() }),
    [fromMs],
  )
  useEffect(() => {
    const asks = new URLSearchParams({ topic, field, key, since: String(Math.round(series.storedUntilMs)) })
    return live.frames(
      'fleet-key',
      asks.toString(),
      frame => {
        series.add(decodePoints(frame))
        setLatest(series.latest)
        changes.tell()
      },
      () => {},
    )
  }, [series, topic, field, key, changes])
  return { series, changes, latest }
}

interface ReadoutProps {
  readonly field: string
  readonly point: ChartPoint | undefined
  readonly latest: JoinedSeries['latest']
}

/** What the crosshair points at; the newest reading where it points at nothing. */
function Readout({ field, point, latest }: ReadoutProps) {
  const shown = point ?? latest
  const value = shown?.value ?? null
  return (
    <p class="key-readout">
      <span class="key-figure">{value === null ? '–' : figure(value)}</span>
      <span class="soft">
        {field}
        {shown !== undefined && ` · ${clock(shown.timeMs, nowMs.value)}`}
        {point?.isMean && ' · mean'}
        {point !== undefined &&
          point.low !== null &&
          point.high !== null &&
          ` · ${figure(point.low)} to ${figure(point.high)} around it`}
      </span>
    </p>
  )
}

function KeyFacts({ topic }: { readonly topic: string }) {
  return (
    <p class="soft small key-facts">
      <span>
        From the log of <a href={pathTo('topic', { topic })}>{topic}</a>, an hour back at most, and live
      </span>
      <span>Drag to zoom, double-click to go back</span>
    </p>
  )
}

/** Who draws hears when there is something new. */
function listeners() {
  const all = new Set<() => void>()
  return {
    hear(listener: () => void) {
      all.add(listener)
      return () => void all.delete(listener)
    },
    tell() {
      for (const listener of all) listener()
    },
  }
}
