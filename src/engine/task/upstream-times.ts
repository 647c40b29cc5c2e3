import type { GraphNode } from '../../dsl/graph'
import { isKind } from '../../dsl/graph'
import type { Journal, Undoable } from '../../state/journal'
import { isSamePlace, readTimes, type TimeReport, type Times, writtenTimes } from './time-report'

/** An internal topic that a task reads. */
export interface Upstream {
  readonly topic: string
  /** Number of tasks that write it. */
  readonly width: number
  /** Whether only misplaced records go through it. */
  readonly misplaced: boolean
}

/** What is known of the tasks that write one topic. */
export interface UpstreamTopic {
  readonly upstream: Upstream
  readonly times: Times
  /** The latest time that a step behind the topic may take. */
  readonly least: number
  /** Whether upstream tasks have to be waited for: always, except where there was no misplaced record yet. */
  readonly isOn: boolean
}

interface Known {
  upstream: Upstream
  times: Times
  isOn: boolean
  least: number
  /** As it is written to the times changelog. */
  written: unknown
}

/**
 * What a task knows of the times of the tasks upstream of its internal topics. With each commit an upstream task writes its stream
 * time to every partition; a step behind the topic takes no later time than the slowest of them, so that lag or a takeover makes
 * no record late. One that has nothing to say is waited for until its silence is proven (`UpstreamSilence`), anew for each later time. With one
 * upstream task there is nothing to wait for. Where only misplaced records are sent on, nothing is held
 * back (and nothing written) until there is one: well-keyed input pays nothing.
 */
export class UpstreamTimes implements Undoable {
  readonly topics: readonly UpstreamTopic[]
  private readonly known: Known[]
  /** The internal topics that each step is behind. */
  private readonly behind = new Map<number, Known[]>()

  constructor(
    upstreams: readonly Upstream[],
    nodes: readonly GraphNode[],
    private readonly journal: Journal,
    restored: (name: string) => unknown,
    private readonly timesName: string,
  ) {
    this.known = upstreams
      .filter(upstream => upstream.width > 1)
      .map(upstream => {
        const written = restored(this.nameOf(upstream.topic))
        const isOn = !upstream.misplaced || (typeof written === 'object' && written !== null)
        return knownOf(upstream, readTimes(written), isOn)
      })
    this.topics = this.known
    for (const node of nodes) {
      const own = this.known.filter(({ upstream }) => isKind(node, 'source') && node.spec.topic === upstream.topic)
      const inherited = node.parents.flatMap(parent => this.behind.get(parent) ?? [])
      this.behind.set(node.id, [...new Set([...own, ...inherited])])
    }
  }

  /** The latest time that a step may take as things stand. */
  limit(node: GraphNode): number {
    const topics = this.behind.get(node.id)
    if (topics === undefined || topics.length === 0) return Number.POSITIVE_INFINITY
    let limit = Number.POSITIVE_INFINITY
    for (const { least } of topics) if (least < limit) limit = least
    return limit
  }

  /** Takes the times that came with a topic; says whether a step may now take a later one. */
  take(topic: string, said: Times): boolean {
    const entry = this.find(topic)
    if (entry === undefined) return false
    const times = new Map(entry.times)
    for (const [partition, report] of said) {
      const before = times.get(partition)
      // Silence that was waited for stays so while nothing has come.
      const passed = before !== undefined && isSamePlace(before, report) ? before.passed : undefined
      const { time, quiet, at } = report
      times.set(partition, passed === undefined ? { time, quiet, at } : { time, quiet, at, passed })
    }
    return this.update(entry, times)
  }

  /** The silence of an upstream task was waited for: it doesn't hold back times up to `timeMs`. Says whether a step may take a later one. */
  pass(topic: string, partition: number, timeMs: number): boolean {
    const entry = this.find(topic)
    const report = entry?.times.get(partition)
    if (entry === undefined || report === undefined) return false
    return this.update(entry, new Map(entry.times).set(partition, { ...report, passed: timeMs }))
  }

  /** A misplaced record was sent or came, whose time must not be taken alone: from now on all have to be waited for. */
  begin(topic: string): void {
    const entry = this.find(topic)
    if (entry === undefined || entry.isOn) return
    this.journal.log(this, entry, { ...entry })
    Object.assign(entry, knownOf(entry.upstream, entry.times, true))
  }

  /** Whether the topic's times have to be written by the tasks upstream of it, this one among them. */
  isOn(topic: string): boolean {
    return this.find(topic)?.isOn ?? false
  }

  /** What belongs to the state: the times by name. */
  state(): [string, unknown][] {
    return this.known
      .filter(({ isOn }) => isOn)
      .map(entry => {
        entry.written ??= writtenTimes(entry.times)
        return [this.nameOf(entry.upstream.topic), entry.written]
      })
  }

  undo(entry: Known, previous: Known): void {
    Object.assign(entry, previous)
  }

  private find(topic: string): Known | undefined {
    return this.known.find(({ upstream }) => upstream.topic === topic)
  }

  private update(entry: Known, times: Times): boolean {
    const before = entry.least
    this.journal.log(this, entry, { ...entry })
    Object.assign(entry, knownOf(entry.upstream, times, true))
    return entry.least > before
  }

  private nameOf(topic: string): string {
    return `${this.timesName}/upstream/${topic}`
  }
}

/** The time up to which an upstream task holds nothing back; one that has never reported may send anything. */
export function allowedBy(report: TimeReport | undefined): number {
  if (report === undefined) return -1
  return Math.max(report.time, Math.min(report.quiet, report.passed ?? -1))
}

function knownOf(upstream: Upstream, times: Times, isOn: boolean): Known {
  let least = Number.POSITIVE_INFINITY
  if (isOn)
    for (let partition = 0; partition < upstream.width; partition++)
      least = Math.min(least, allowedBy(times.get(partition)))
  return { upstream, times, isOn, least, written: undefined }
}
