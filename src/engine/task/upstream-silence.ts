import type { Looks } from './looks'
import { isSamePlace, type TimeReport } from './time-report'
import { allowedBy, type UpstreamTimes, type UpstreamTopic } from './upstream-times'

/** How much silence steps behind an internal topic wait for where no source sets `idleMs`, ms. */
export const defaultSilenceMs = 5_000

/** How long nothing is done about an upstream task that hasn't reported, ms: as a rule its next commit brings its time. */
const patienceMs = 500

/** A silence that was waited for long enough: nothing up to this time is held back for it. */
export interface Passed {
  readonly topic: string
  /** Partition of the upstream task. */
  readonly partition: number
  readonly timeMs: number
}

/**
 * Which tasks upstream of a task are silent. A time is taken once every upstream task has reached it, or has had nothing for `silenceMs`
 * since it came here: a look that began so much later shows the ends of that task's sources where it said, as long ago, that it had read to. The
 * proof needs no clock but this worker's own and doesn't depend on who owns the task: records that nobody has fetched, an open transaction
 * and a partition that can't be written to are no silence.
 */
export class UpstreamSilence {
  /** When later times came: monotonic time (ms) and the latest that had come by then, both ascending. */
  private readonly came = new Map<string, { readonly atMs: number; readonly timeMs: number }[]>()
  /** Since when (monotonic, ms) upstream tasks stand where they do, by topic and partition. */
  private readonly standing = new Map<string, { readonly report: TimeReport; readonly sinceMs: number }>()

  constructor(
    private readonly upstream: UpstreamTimes,
    private readonly silenceMs: number,
  ) {}

  /** Looks at the tasks that hold something back at `now` (monotonic, ms); `foremost`: the latest time among the records that came here. */
  look(now: number, foremost: number, looks: Looks): Passed[] {
    return this.upstream.topics.flatMap(topic => (topic.isOn ? this.lookAt(topic, now, foremost, looks) : []))
  }

  private lookAt({ upstream: { topic, width }, times }: UpstreamTopic, now: number, foremost: number, looks: Looks) {
    let latest = foremost
    for (const { time } of times.values()) if (time > latest) latest = time
    this.note(topic, now, latest)
    const passed: Passed[] = []
    for (let partition = 0; partition < width; partition++) {
      const report = times.get(partition)
      if (report === undefined) continue
      const standsSinceMs = this.standsSince(`${topic}/${partition}`, report, now)
      const held = this.firstBeyond(topic, allowedBy(report))
      if (held === undefined || now - held < patienceMs) continue
      const seenMs = this.provenAt(report, partition, looks)
      if (seenMs === undefined || seenMs - standsSinceMs < this.silenceMs) continue
      const timeMs = this.cameBy(topic, seenMs - this.silenceMs)
      if (Math.min(timeMs, report.quiet) > allowedBy(report)) passed.push({ topic, partition, timeMs })
    }
    return passed
  }

  private standsSince(name: string, report: TimeReport, now: number): number {
    const known = this.standing.get(name)
    const sinceMs = known !== undefined && isSamePlace(known.report, report) ? known.sinceMs : now
    if (known?.report !== report) this.standing.set(name, { report, sinceMs })
    return sinceMs
  }

  private note(topic: string, now: number, latest: number): void {
    const came = this.came.get(topic) ?? []
    this.came.set(topic, came)
    const [, second] = came
    // What came so long ago has been waited for already.
    if (second !== undefined && second.atMs < now - 2 * this.silenceMs) came.shift()
    const [beforeLast, last] = [came.at(-2), came.at(-1)]
    if (last !== undefined && last.timeMs >= latest) return
    // Keeps the list short: what came within a tenth of the silence counts as having come at its end.
    const isNear = beforeLast !== undefined && now - beforeLast.atMs < this.silenceMs / 10
    if (isNear) came.pop()
    came.push({ atMs: now, timeMs: latest })
  }

  /** When the first time beyond `timeMs` came. */
  private firstBeyond(topic: string, timeMs: number): number | undefined {
    return this.came.get(topic)?.find(each => each.timeMs > timeMs)?.atMs
  }

  /** The latest time that had come by then. */
  private cameBy(topic: string, atMs: number): number {
    return this.came.get(topic)?.findLast(each => each.atMs <= atMs)?.timeMs ?? -1
  }

  /** When a look began that shows a task's sources where it had read to, and that has a proof for all of the silence; undefined: not so. */
  private provenAt({ at }: TimeReport, partition: number, looks: Looks): number | undefined {
    let seenMs: number | undefined
    let isProven = true
    // All of them are asked for, so that all are kept looked at.
    for (const [topic, offset] of Object.entries(at)) {
      const look = looks.look({ topic, partition })
      if (look === undefined || look.highWatermark !== offset || look.provenSinceMs > look.seenAtMs - this.silenceMs)
        isProven = false
      else seenMs = Math.min(seenMs ?? Number.POSITIVE_INFINITY, look.seenAtMs)
    }
    return isProven ? seenMs : undefined
  }
}

/** The silences to report when all upstream tasks are known to have nothing left. */
export function everybodySilent({ topics }: UpstreamTimes, foremost: number): Passed[] {
  return topics.flatMap(({ upstream: { topic }, times, isOn }) => {
    const timeMs = Math.max(foremost, ...[...times.values()].map(({ time }) => time))
    const held = [...times].filter(([, report]) => isOn && Math.min(timeMs, report.quiet) > allowedBy(report))
    return held.map(([partition]) => ({ topic, partition, timeMs }))
  })
}
