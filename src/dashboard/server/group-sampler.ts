import { setTimeout as sleep } from 'node:timers/promises'
import type { DescribedGroup } from '../../ops/describe-group'
import { groupWarnings } from '../../ops/group-warnings'
import type { Survey } from '../../ops/survey-groups'
import type { GroupRow, GroupWarning, LagSeries } from '../contract'
import { LagHistory } from './lag-history'

export interface GroupSamplerOptions {
  /** All groups of the cluster. */
  readonly survey: () => Promise<Survey>
  /** From one survey's start to the next one's, ms (5,000). */
  readonly everyMs?: number
}

/** The time over which the lag's trend is measured, ms. */
const trendMs = 60_000
/** The pause after a survey is at least so many times as long as the survey, so that a cluster of many groups isn't kept busy. */
const restFactor = 9

/** Surveys all groups again and again, and remembers their lag: a page that is opened has its chart at once. */
export class GroupSampler {
  private readonly history = new LagHistory()
  private readonly listeners = new Set<() => void>()
  private readonly stop = new AbortController()
  private readonly everyMs: number
  private readonly loop: Promise<void>
  private latest: ReadonlyMap<string, DescribedGroup> = new Map()
  private takenAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: GroupSamplerOptions) {
    this.everyMs = options.everyMs ?? 5_000
    this.loop = this.run()
  }

  /** By name, as the last survey has them; empty before the first. */
  get groups(): ReadonlyMap<string, DescribedGroup> {
    return this.latest
  }

  /** Calls `listener` after each survey; returns a function that ends it. */
  onSample(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** A row of the list; undefined for a group that no survey has found. */
  row(name: string): GroupRow | undefined {
    const group = this.latest.get(name)
    if (group === undefined) return undefined
    const { state, members, partitions, totalLag: lag, weir } = group
    return {
      ...{ group: name, state, members: members.length, lag, weir },
      topics: new Set(partitions.map(each => each.topic)).size,
      lagTrend: this.trend(name),
      warnings: this.warnings(group),
      sampledAgoMs: Math.round(performance.now() - this.takenAtMs),
    }
  }

  warnings(group: DescribedGroup): GroupWarning[] {
    const trend = this.trend(group.group)
    const found: GroupWarning[] = groupWarnings(group)
    if (trend !== null && trend > 0 && group.members.length > 0 && this.growsAllTheTime(group.group))
      found.push({
        code: 'lag-grows',
        what: `the lag of "${group.group}" has grown for ${trendMs / 1000} s, by ${Math.round(trend)} records a second`,
      })
    return found
  }

  trend(name: string): number | null {
    return this.history.trend(name, trendMs)
  }

  series(group: string): LagSeries {
    return { group, everyMs: this.everyMs, ...this.history.of(group) }
  }

  async close(): Promise<void> {
    this.stop.abort()
    this.listeners.clear()
    await this.loop
  }

  private growsAllTheTime(name: string): boolean {
    const { atMs, lag } = this.history.of(name)
    const last = atMs.at(-1) ?? 0
    const recent = lag.filter((_, i) => (atMs[i] ?? 0) >= last - trendMs)
    const isWhole = (atMs[0] ?? last) <= last - trendMs
    return isWhole && recent.every((value, i) => i === 0 || (value ?? 0) > (recent[i - 1] ?? 0))
  }

  private async run(): Promise<void> {
    const { signal } = this.stop
    while (!signal.aborted) {
      const startedAt = performance.now()
      // The watch reports outages; a failed survey leaves the last one.
      await this.sample().catch(() => undefined)
      const tookMs = performance.now() - startedAt
      const restMs = Math.max(this.everyMs - tookMs, tookMs * restFactor, 100)
      await sleep(restMs, undefined, { signal }).catch(() => undefined)
    }
  }

  private async sample(): Promise<void> {
    const { groups, missing } = await this.options.survey()
    if (this.stop.signal.aborted) return
    // A group that couldn't be asked this time keeps its last row.
    const kept = [...missing.keys()].flatMap(name => this.latest.get(name) ?? [])
    this.latest = new Map([...groups, ...kept].map(group => [group.group, group]))
    this.takenAtMs = performance.now()
    this.history.add(Date.now(), new Map([...this.latest.values()].map(each => [each.group, each.totalLag])))
    for (const listener of this.listeners) listener()
  }
}
