import { useEffect, useMemo, useState } from 'preact/hooks'
import type { FleetHistory } from '../../contract'
import { decodePoints } from '../../contract/fleet-frame'
import { Card } from '../components/card'
import { Foreign } from '../components/foreign'
import { ProblemPanel } from '../components/problem-panel'
import { RangePicker } from '../components/range-picker'
import { nowMs } from '../data/clock'
import { live } from '../data/session'
import { useResource } from '../data/use-resource'
import { clock, counted, duration } from '../lib/format'
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
  const history = useResource('GET /api/fleet/history', {
    query: { field, key: keyText, from: Math.round(span.fromMs), to: Math.round(span.toMs) },
  })
  const isKnown = history.data !== undefined || history.problem !== undefined
  const { series, changes, latest } = useSeries(
    { topic, field, key: keyText, fromMs: span.fromMs },
    isKnown ? { history: history.data } : undefined,
  )
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
        {history.problem !== undefined && <ProblemPanel problem={history.problem} />}
        <HistoryChart
          {...{ fromMs: span.fromMs, spanMs: span.toMs - span.fromMs, theme: themeName.value, tell: setPoint }}
          columns={() => series.columns()}
          onChange={changes.hear}
          toMs={range.to === '' ? undefined : span.toMs}
          zoom={(from, to) => setQuery({ since: String(Math.round(from)), until: String(Math.round(to)) }, true)}
          reset={() => setQuery({ since: undefined, until: undefined }, true)}
        />
        <KeyFacts topic={topic} history={history.data} />
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
function useSeries(
  { topic, field, key, fromMs }: SeriesQuestion,
  stored: { history: FleetHistory | undefined } | undefined,
) {
  const [latest, setLatest] = useState<JoinedSeries['latest']>()
  const { series, changes } = useMemo(
    () => ({ series: new JoinedSeries(stored?.history, fromMs), changes: listeners() }),
    [fromMs, stored?.history],
  )
  const isKnown = stored !== undefined
  useEffect(() => {
    // What is live begins where the tables end.
    if (!isKnown) return
    const asks = new URLSearchParams({ topic, field, key, since: String(series.storedUntilMs) })
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
  }, [isKnown, series, topic, field, key, changes])
  return { series, changes, latest }
}

interface ReadoutProps {
  readonly field: string
  readonly point: ChartPoint | undefined
  readonly latest: JoinedSeries['latest']
}

/** What the crosshair points at; the newest reading where it points at nothing. A reading has all its digits. */
function Readout({ field, point, latest }: ReadoutProps) {
  const shown = point ?? latest
  const value = shown?.value ?? null
  return (
    <p class="key-readout">
      <span class="key-figure">{value === null ? '–' : point?.isMean ? figure(value) : String(value)}</span>
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

interface FactsProps {
  readonly topic: string
  readonly history: FleetHistory | undefined
}

/** Where the lines come from, and how complete they are. */
function KeyFacts({ topic, history }: FactsProps) {
  const { completeness = null, rollups = null, readings = null } = history ?? {}
  const log = <a href={pathTo('topic', { topic })}>{topic}</a>
  return (
    <p class="soft small key-facts">
      {completeness !== null && (
        <span>
          <strong>{(Math.floor(completeness.share * 10_000) / 100).toFixed(2)} % complete</strong>:{' '}
          {counted(completeness.expected, 'reading')} in {duration(completeness.everyMs)} are usual
          {completeness.missingRows > 0 && `, ${counted(completeness.missingRows, 'stretch', 'stretches')} without any`}
        </span>
      )}
      {rollups !== null && (
        <span>
          Line and band: <Foreign mono>{rollups.table}</Foreign>, rows of {duration(rollups.everyMs)}
        </span>
      )}
      {readings !== null && (
        <span>
          Readings: <Foreign mono>{readings.table}</Foreign>
        </span>
      )}
      <span>
        {rollups === null && readings === null ? 'From the log of ' : 'Then, without a gap, the log of '}
        {log}, live
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
