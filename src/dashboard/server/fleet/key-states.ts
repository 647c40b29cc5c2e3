import { KeyStateCode } from '../../contract/fleet-frame'
import { Column } from './column'
import { type Band, bandOf, medianOf } from './neighbours'
import { Usual } from './usual'

/** With fewer gaps, changes or readings than these a key's own habit isn't known. */
const fewest = { gaps: 5, changes: 5, readings: 20 }
/** What is allowed on top of a habit, ms: a batch that comes late is no silence. */
const allowanceMs = { silent: 1_000, stuck: 5_000 }
/** A key of unknown habit is silent after this, ms, or after four times the others' median where that is longer. */
const unknownSilentMs = 30_000
/** How long an implausible reading is shown, ms: the next one may come a tenth of a second later. */
const outlierShownMs = 10_000
/** Deviations from its own mean beyond which a reading is an outlier. */
const farOut = 8

/** The latest figure, the habit and the state of each key, by its number: in columns, without an object for a key or a reading. Times are Unix ms. */
export class KeyStates {
  /** NaN before the first. */
  readonly values = new Column(Number.NaN)
  /** When its last record came. */
  readonly seenMs = new Column()
  /** A `KeyStateCode`, and since when the key is in that state. */
  readonly code = new Column()
  readonly sinceMs = new Column()
  readonly gaps = new Usual(16, 8)
  readonly band = new Usual(64, 3)
  readonly runs = new Usual(16, 8)
  /** Records read since the beginning. */
  records = 0
  private count = 0
  /** The latest time that a reading of the key says. */
  private readonly atMs = new Column()
  private readonly runStartMs = new Column()
  private readonly runLength = new Column()
  /** A reading far from the key's own band, until it is compared with what its neighbours have by then; NaN for none. */
  private readonly suspect = new Column(Number.NaN)
  private readonly outlierUntilMs = new Column()
  /** 1 where the last record can't be read. */
  private readonly isUnreadable = new Column()
  private neighbours: Band | undefined
  private common = { silentMs: unknownSilentMs, stuckMs: Number.POSITIVE_INFINITY }

  /** Takes a reading; a figure of NaN is null, and the last one stays. */
  take(key: number, value: number, atMs: number, seenMs: number): void {
    if (key >= this.count) this.count = key + 1
    this.records++
    const before = this.atMs.of(key)
    if (before > 0 && atMs > before) this.gaps.learn(key, atMs - before)
    if (atMs > before) this.atMs.set(key, atMs)
    if (seenMs > this.seenMs.of(key)) this.seenMs.set(key, seenMs)
    this.isUnreadable.set(key, 0)
    if (Number.isNaN(value)) return
    this.follow(key, value, atMs, seenMs)
    this.values.set(key, value)
  }

  /** Takes a record of the key that can't be read. */
  refuse(key: number, seenMs: number): void {
    if (key >= this.count) this.count = key + 1
    this.records++
    this.isUnreadable.set(key, 1)
    if (seenMs > this.seenMs.of(key)) this.seenMs.set(key, seenMs)
  }

  /** Compares the keys with one another; to be called about once a second. */
  compare(): void {
    this.neighbours = bandOf(this.values, this.count)
    this.confirmSuspects()
    const silent: number[] = []
    const stuck: number[] = []
    let watched = 0
    for (let key = 0; key < this.count; key += Math.max(1, this.count >> 11)) {
      if (this.gaps.seen.of(key) >= fewest.gaps) silent.push(this.silentAfterMs(key))
      if (this.band.seen.of(key) < fewest.readings) continue
      watched++
      if (this.runs.seen.of(key) >= fewest.changes) stuck.push(this.stuckAfterMs(key))
    }
    this.common = {
      silentMs: silent.length === 0 ? unknownSilentMs : Math.max(unknownSilentMs, 4 * medianOf(silent)),
      // Where every fifth key keeps its value, that is normal.
      stuckMs: stuck.length === 0 || stuck.length < 0.8 * watched ? Number.POSITIVE_INFINITY : 2 * medianOf(stuck),
    }
  }

  /** Determines the states of all keys; everything up to `nowMs` has been read. Returns how many keys have each state, by its code. */
  judge(nowMs: number): Uint32Array {
    const sums = new Uint32Array(Object.keys(KeyStateCode).length)
    const { code, sinceMs } = this
    for (let key = 0; key < this.count; key++) {
      const state = this.stateOf(key, nowMs)
      if (state !== code.of(key)) {
        code.set(key, state)
        sinceMs.set(key, this.beginOf(key, state, nowMs))
      }
      sums[state] = (sums[state] ?? 0) + 1
    }
    return sums
  }

  /** After so long without a record the key is silent, by its own habit. */
  silentAfterMs(key: number): number {
    return 2 * this.gaps.mean.of(key) + 8 * this.gaps.deviation.of(key) + allowanceMs.silent
  }

  stuckAfterMs(key: number): number {
    return 2 * this.runs.mean.of(key) + 8 * this.runs.deviation.of(key) + allowanceMs.stuck
  }

  private follow(key: number, value: number, atMs: number, seenMs: number): void {
    if (this.runLength.of(key) === 0) {
      this.runStartMs.set(key, atMs)
      this.runLength.set(key, 1)
    } else if (value === this.values.of(key)) this.runLength.set(key, this.runLength.of(key) + 1)
    else {
      this.runs.learn(key, Math.max(0, atMs - this.runStartMs.of(key)))
      this.runStartMs.set(key, atMs)
      this.runLength.set(key, 1)
    }
    if (Number.isFinite(value)) {
      if (this.isFarOut(key, value)) this.suspect.set(key, value)
      this.band.learn(key, value)
    } else this.outlierUntilMs.set(key, seenMs + outlierShownMs)
  }

  private isFarOut(key: number, value: number): boolean {
    if (this.band.seen.of(key) < fewest.readings) return false
    const mean = this.band.mean.of(key)
    return Math.abs(value - mean) > farOut * Math.max(this.band.deviation.of(key), Math.abs(mean) * 1e-3)
  }

  /** A suspect is an outlier if it is outside its neighbours' band too: a heat wave moves all sensors, and a cold store is always cold. */
  private confirmSuspects(): void {
    for (let key = 0; key < this.count; key++) {
      const value = this.suspect.of(key)
      if (Number.isNaN(value)) continue
      this.suspect.set(key, Number.NaN)
      if (this.neighbours === undefined || value < this.neighbours.low || value > this.neighbours.high)
        this.outlierUntilMs.set(key, this.seenMs.of(key) + outlierShownMs)
    }
  }

  private stateOf(key: number, nowMs: number): number {
    if (this.isUnreadable.of(key) === 1) return KeyStateCode.unreadable
    const quietMs = nowMs - this.seenMs.of(key)
    const knowsGaps = this.gaps.seen.of(key) >= fewest.gaps
    if (quietMs > (knowsGaps ? this.silentAfterMs(key) : this.common.silentMs)) return KeyStateCode.silent
    if (this.outlierUntilMs.of(key) > nowMs) return KeyStateCode.implausible
    const knowsRuns = this.runs.seen.of(key) >= fewest.changes
    const runMs = this.atMs.of(key) - this.runStartMs.of(key)
    if (this.runLength.of(key) >= fewest.readings && runMs > (knowsRuns ? this.stuckAfterMs(key) : this.common.stuckMs))
      return KeyStateCode.stuck
    return knowsGaps ? KeyStateCode.fine : KeyStateCode.new
  }

  private beginOf(key: number, state: number, nowMs: number): number {
    if (state === KeyStateCode.silent) return this.seenMs.of(key)
    return state === KeyStateCode.stuck ? this.runStartMs.of(key) : nowMs
  }
}
