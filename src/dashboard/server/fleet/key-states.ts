import { KeyStateCode } from '../../contract/fleet-frame'
import { type Band, bandOf, medianOf } from './neighbours'
import { grown, Usual } from './usual'

/** Before so many gaps, changes or readings a key's own habit isn't known. */
const fewest = { gaps: 5, changes: 5, readings: 20 }
/** What a habit allows beside itself, ms: a batch that comes late is no silence. */
const allowanceMs = { silent: 1_000, stuck: 5_000 }
/** A key of unknown habit is silent after this, ms, or four times what the others allow. */
const unknownSilentMs = 30_000
/** An implausible reading is shown for so long, ms: one reading lasts a tenth of a second. */
const outlierShownMs = 10_000
/** Deviations from its own mean beyond which a reading is an outlier. */
const farOut = 8
const least = 64

/** The latest figure, the habit and the state of each key, by its number: arrays, no object for a key or a reading. Times are Unix ms. */
export class KeyStates {
  /** NaN before the first. */
  values = new Float64Array(least).fill(Number.NaN)
  /** When its last record came, and what time that record says. */
  seenMs = new Float64Array(least)
  readonly states = { code: new Uint8Array(least), sinceMs: new Float64Array(least) }
  readonly gaps = new Usual(least, 16, 8)
  readonly band = new Usual(least, 64, 3)
  readonly runs = new Usual(least, 16, 8)
  /** Records read since the beginning. */
  records = 0
  private count = 0
  private atMs = new Float64Array(least)
  private runStartMs = new Float64Array(least)
  private runLength = new Uint32Array(least)
  /** A reading far from the key's own band, until it is compared with what its neighbours have by then; NaN for none. */
  private suspect = new Float64Array(least).fill(Number.NaN)
  private outlierUntilMs = new Float64Array(least)
  private isUnreadable = new Uint8Array(least)
  private neighbours: Band | undefined
  private common = { silentMs: unknownSilentMs, stuckMs: Number.POSITIVE_INFINITY }

  /** A reading; NaN where its figure is null: the last one stays. */
  take(key: number, value: number, atMs: number, seenMs: number): void {
    if (key >= this.count) this.meet(key)
    this.records++
    const before = this.atMs[key]!
    if (before > 0 && atMs > before) this.gaps.learn(key, atMs - before)
    if (atMs > before) this.atMs[key] = atMs
    if (seenMs > this.seenMs[key]!) this.seenMs[key] = seenMs
    this.isUnreadable[key] = 0
    if (Number.isNaN(value)) return
    this.follow(key, value, atMs, seenMs)
    this.values[key] = value
  }

  /** A record of the key that can't be read. */
  refuse(key: number, seenMs: number): void {
    if (key >= this.count) this.meet(key)
    this.records++
    this.isUnreadable[key] = 1
    if (seenMs > this.seenMs[key]!) this.seenMs[key] = seenMs
  }

  /** Compares the keys with one another: once a second will do. */
  compare(): void {
    this.neighbours = bandOf(this.values, this.count)
    this.confirmSuspects()
    const silent: number[] = []
    const stuck: number[] = []
    let watched = 0
    for (let key = 0; key < this.count; key += Math.max(1, this.count >> 11)) {
      if (this.gaps.seen[key]! >= fewest.gaps) silent.push(this.silentAfterMs(key))
      if (this.band.seen[key]! < fewest.readings) continue
      watched++
      if (this.runs.seen[key]! >= fewest.changes) stuck.push(this.stuckAfterMs(key))
    }
    this.common = {
      silentMs: silent.length === 0 ? unknownSilentMs : Math.max(unknownSilentMs, 4 * medianOf(silent)),
      // Where every fifth key keeps its value, keeping it is nothing that stands out.
      stuckMs: stuck.length === 0 || stuck.length < 0.8 * watched ? Number.POSITIVE_INFINITY : 2 * medianOf(stuck),
    }
  }

  /** Judges all keys at a time up to which everything has been read. Returns how many have each state, by its code. */
  judge(nowMs: number): Uint32Array {
    const sums = new Uint32Array(Object.keys(KeyStateCode).length)
    const { code, sinceMs } = this.states
    for (let key = 0; key < this.count; key++) {
      const state = this.stateOf(key, nowMs)
      if (state !== code[key]) {
        code[key] = state
        sinceMs[key] = this.beginOf(key, state, nowMs)
      }
      sums[state]!++
    }
    return sums
  }

  /** After so long without a record the key is silent, by its own habit. */
  silentAfterMs(key: number): number {
    return 2 * this.gaps.mean[key]! + 8 * this.gaps.deviation[key]! + allowanceMs.silent
  }

  stuckAfterMs(key: number): number {
    return 2 * this.runs.mean[key]! + 8 * this.runs.deviation[key]! + allowanceMs.stuck
  }

  private follow(key: number, value: number, atMs: number, seenMs: number): void {
    if (this.runLength[key]! === 0) {
      this.runStartMs[key] = atMs
      this.runLength[key] = 1
    } else if (value === this.values[key]) this.runLength[key]!++
    else {
      this.runs.learn(key, Math.max(0, atMs - this.runStartMs[key]!))
      this.runStartMs[key] = atMs
      this.runLength[key] = 1
    }
    if (Number.isFinite(value)) {
      if (this.isFarOut(key, value)) this.suspect[key] = value
      this.band.learn(key, value)
    } else this.outlierUntilMs[key] = seenMs + outlierShownMs
  }

  private isFarOut(key: number, value: number): boolean {
    if (this.band.seen[key]! < fewest.readings) return false
    const mean = this.band.mean[key]!
    return Math.abs(value - mean) > farOut * Math.max(this.band.deviation[key]!, Math.abs(mean) * 1e-3)
  }

  /** Outside of its neighbours' band, too: a heat wave moves them all, and a cold store is cold every day. */
  private confirmSuspects(): void {
    for (let key = 0; key < this.count; key++) {
      const value = this.suspect[key]!
      if (Number.isNaN(value)) continue
      this.suspect[key] = Number.NaN
      if (this.neighbours === undefined || value < this.neighbours.low || value > this.neighbours.high)
        this.outlierUntilMs[key] = this.seenMs[key]! + outlierShownMs
    }
  }

  private stateOf(key: number, nowMs: number): number {
    if (this.isUnreadable[key] === 1) return KeyStateCode.unreadable
    const quietMs = nowMs - this.seenMs[key]!
    const knowsGaps = this.gaps.seen[key]! >= fewest.gaps
    if (quietMs > (knowsGaps ? this.silentAfterMs(key) : this.common.silentMs)) return KeyStateCode.silent
    if (this.outlierUntilMs[key]! > nowMs) return KeyStateCode.implausible
    const knowsRuns = this.runs.seen[key]! >= fewest.changes
    const runMs = this.atMs[key]! - this.runStartMs[key]!
    if (this.runLength[key]! >= fewest.readings && runMs > (knowsRuns ? this.stuckAfterMs(key) : this.common.stuckMs))
      return KeyStateCode.stuck
    return knowsGaps ? KeyStateCode.fine : KeyStateCode.new
  }

  private beginOf(key: number, state: number, nowMs: number): number {
    if (state === KeyStateCode.silent) return this.seenMs[key]!
    return state === KeyStateCode.stuck ? this.runStartMs[key]! : nowMs
  }

  private meet(key: number): void {
    this.count = key + 1
    if (key < this.values.length) return
    const capacity = Math.max(this.values.length * 2, key + 1)
    this.values = grown(this.values, new Float64Array(capacity).fill(Number.NaN))
    this.seenMs = grown(this.seenMs, new Float64Array(capacity))
    this.states.code = grown(this.states.code, new Uint8Array(capacity))
    this.states.sinceMs = grown(this.states.sinceMs, new Float64Array(capacity))
    this.atMs = grown(this.atMs, new Float64Array(capacity))
    this.runStartMs = grown(this.runStartMs, new Float64Array(capacity))
    this.runLength = grown(this.runLength, new Uint32Array(capacity))
    this.suspect = grown(this.suspect, new Float64Array(capacity).fill(Number.NaN))
    this.outlierUntilMs = grown(this.outlierUntilMs, new Float64Array(capacity))
    this.isUnreadable = grown(this.isUnreadable, new Uint8Array(capacity))
    for (const usual of [this.gaps, this.band, this.runs]) usual.grow(capacity)
  }
}
