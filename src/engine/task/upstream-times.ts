import type { GraphNode } from '../../dsl/graph'
import { isKind } from '../../dsl/graph'
import type { Journal, Undoable } from '../../state/journal'

/** The header that marks a record of a repartition topic as the upstream tasks' times: JSON, time (ms) or null by partition. */
export const timeHeader = 'weir.time'

/** Times of upstream tasks by their partition; null: silent, so nobody has to wait for it. */
export type Times = Readonly<Record<string, number | null>>

/** A repartition topic that a task reads. */
export interface Upstream {
  readonly topic: string
  /** Number of tasks that write it. */
  readonly width: number
  /** Whether only misplaced records go through it. */
  readonly misplaced: boolean
}

interface Known {
  readonly upstream: Upstream
  times: Times
  least: number
}

/**
 * What a task knows of the times of the tasks upstream of its repartition topics. With each commit an upstream task writes its stream
 * time to every partition; a step behind the topic takes no later time than the slowest of them, so that lag or a takeover makes
 * no record late. With one upstream task there is nothing to wait for. Where only misplaced records are sent on, nothing is held
 * back (and nothing written) until there is one: well-keyed input pays nothing.
 */
export class UpstreamTimes implements Undoable {
  private readonly topics: Known[]
  /** Topics behind which each step stands. */
  private readonly behind = new Map<number, Known[]>()

  constructor(
    upstreams: readonly Upstream[],
    nodes: readonly GraphNode[],
    private readonly journal: Journal,
    restored: (name: string) => unknown,
    private readonly timesName: string,
  ) {
    this.topics = upstreams
      .filter(upstream => upstream.width > 1)
      .map(upstream => known(upstream, (restored(this.nameOf(upstream.topic)) ?? {}) as Times))
    for (const node of nodes) {
      const own = this.topics.filter(({ upstream }) => isKind(node, 'source') && node.spec.topic === upstream.topic)
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

  /** Whether every upstream task is silent: only then may the idle clock speak. */
  get isSilent(): boolean {
    return this.topics.every(
      ({ upstream, times, least }) => least === Number.POSITIVE_INFINITY || !isOn(upstream, times),
    )
  }

  /** Takes the times that came with a topic; says whether a step may now take a later one. */
  take(topic: string, times: Times): boolean {
    const entry = this.topics.find(({ upstream }) => upstream.topic === topic)
    if (entry === undefined) return false
    const before = entry.least
    this.journal.log(this, entry, entry.times)
    this.set(entry, { ...entry.times, ...times })
    return entry.least > before
  }

  /** A misplaced record was sent or came, whose time must not be taken alone: from now on all have to be waited for. */
  begin(topic: string): void {
    const entry = this.topics.find(({ upstream }) => upstream.topic === topic)
    if (entry !== undefined && !isOn(entry.upstream, entry.times)) this.take(topic, { on: null })
  }

  /** Whether the topic's times have to be written by the tasks upstream of it, this one among them. */
  isOn(topic: string): boolean {
    const entry = this.topics.find(({ upstream }) => upstream.topic === topic)
    return entry !== undefined && isOn(entry.upstream, entry.times)
  }

  /** What belongs to the state: the times by name. */
  state(): Map<string, Times> {
    return new Map(this.topics.map(({ upstream, times }) => [this.nameOf(upstream.topic), times]))
  }

  undo(entry: Known, previous: Times): void {
    this.set(entry, previous)
  }

  private nameOf(topic: string): string {
    return `${this.timesName}/upstream/${topic}`
  }

  private set(entry: Known, times: Times): void {
    entry.times = times
    entry.least = leastOf(entry.upstream, times)
  }
}

const known = (upstream: Upstream, times: Times): Known => ({ upstream, times, least: leastOf(upstream, times) })

const isOn = ({ misplaced }: Upstream, times: Times) => !misplaced || Object.keys(times).length > 0

function leastOf(upstream: Upstream, times: Times): number {
  if (!isOn(upstream, times)) return Number.POSITIVE_INFINITY
  let least = Number.POSITIVE_INFINITY
  for (let partition = 0; partition < upstream.width; partition++) {
    const time = times[partition]
    // One that was never heard of may have anything to send.
    if (time === undefined) return -1
    if (time !== null && time < least) least = time
  }
  return least
}
