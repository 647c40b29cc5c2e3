import { ageCode, type CellName, type Cells, type CellTable, emptyCells } from '../../contract/fleet-frame'
import { Column } from './column'
import type { Fleet } from './fleet'

/** With more keys than this, cells are too small for a screen and too many to be sent twice a second. */
const mostKeys = 5_000
export const bucketCount = 2_000
/** The least time between two sortings of new keys into buckets, ms. */
const rebuildMs = 5_000

/** The part of a fleet that a view needs. */
export type FleetPicture = Pick<Fleet, 'count' | 'states' | 'atMs' | 'text'>

/** All keys from one to another, both included, in the keys' order. Empty: no bound. */
export interface KeyRange {
  readonly from: string
  readonly to: string
}

/** What one client looks at: all keys or a range of them, each a cell, or each cell a bucket of neighbouring keys. */
export class CellView {
  /** What was sent to the client last: its picture. */
  readonly told: { cells: Cells; seenMs: Column } = { cells: emptyCells(0), seenMs: new Column() }
  private table = 0
  private mode: CellTable['mode'] = 'keys'
  /** Keys in the order of the cells; a bucket's from its start to the next one's. */
  private keys = new Column()
  private starts = new Column()
  private builtFor = -1
  private builtAt = Number.NEGATIVE_INFINITY
  private pending: { first: number; cells: readonly CellName[] } | undefined

  constructor(
    private readonly fleet: FleetPicture,
    private readonly range: KeyRange = { from: '', to: '' },
  ) {}

  /** The table, or what was added to it, if the client doesn't know it yet. */
  takeTable(now: number): CellTable | undefined {
    this.rebuild(now)
    const { pending } = this
    if (pending === undefined) return undefined
    this.pending = undefined
    return { table: this.table, mode: this.mode, keys: this.fleet.count, ...pending }
  }

  get id(): number {
    return this.table
  }

  /** Updates `told` to the present and returns the cells that have changed. */
  update(): Uint32Array {
    const { cells, seenMs } = this.told
    const count = cells.values.length
    const changed = new Uint32Array(count)
    let found = 0
    for (let cell = 0; cell < count; cell++) if (this.look(cell, cells, seenMs)) changed[found++] = cell
    return changed.subarray(0, found)
  }

  private look(cell: number, cells: Cells, seenMs: Column): boolean {
    const { states, atMs } = this.fleet
    let [sum, figures, worst, newest] = [0, 0, 0, 0]
    const end = this.starts.of(cell + 1)
    for (let i = this.starts.of(cell); i < end; i++) {
      const key = this.keys.of(i)
      const value = states.values.of(key)
      if (Number.isFinite(value)) {
        sum += value
        figures++
      }
      worst = Math.max(worst, states.code.of(key))
      newest = Math.max(newest, states.seenMs.of(key))
    }
    const value = Math.fround(figures === 0 ? Number.NaN : sum / figures)
    const isChanged = worst !== cells.states[cell] || newest > seenMs.of(cell) || !Object.is(value, cells.values[cell])
    cells.values[cell] = value
    cells.states[cell] = worst
    cells.ages[cell] = newest === 0 ? 255 : ageCode(atMs - newest)
    seenMs.set(cell, newest)
    return isChanged
  }

  private rebuild(now: number): void {
    const { count } = this.fleet
    if (count === this.builtFor) return
    const isWhole = this.range.from === '' && this.range.to === ''
    if (isWhole && count <= mostKeys) this.append(count)
    else if (now - this.builtAt >= rebuildMs) this.sort(now)
    else return
    this.builtFor = count
  }

  /** The known keys stay in their cells: only new ones are sent. */
  private append(count: number): void {
    const first = this.told.cells.values.length
    if (first === 0) this.table = next(this.table)
    for (let at = first; at <= count; at++) {
      this.keys.set(at, at)
      this.starts.set(at, at)
    }
    this.resize(count, first)
    this.pending = { first, cells: Array.from({ length: count - first }, (_, at) => this.fleet.text(first + at)) }
  }

  private sort(now: number): void {
    this.builtAt = now
    const sorted = this.inRange(sortedKeys(this.fleet))
    this.keys = Column.from(sorted)
    this.mode = sorted.length <= mostKeys ? 'keys' : 'buckets'
    const cells = this.mode === 'keys' ? sorted.length : bucketCount
    this.starts = Column.from(
      Array.from({ length: cells + 1 }, (_, at) => Math.round((at * sorted.length) / Math.max(1, cells))),
    )
    this.table = next(this.table)
    this.resize(cells, 0)
    this.pending = { first: 0, cells: Array.from({ length: cells }, (_, cell) => this.nameOf(cell)) }
  }

  private nameOf(cell: number): CellName {
    const [start, end] = [this.starts.of(cell), this.starts.of(cell + 1)]
    const from = this.fleet.text(this.keys.of(start))
    return this.mode === 'keys' ? from : [from, this.fleet.text(this.keys.of(end - 1)), end - start]
  }

  private inRange(keys: readonly number[]): readonly number[] {
    const { from, to } = this.range
    const texts = (key: number) => this.fleet.text(key)
    return keys.filter(
      key => (from === '' || compareKeys(texts(key), from) >= 0) && (to === '' || compareKeys(texts(key), to) <= 0),
    )
  }

  /** Makes room for the cells of another table; the first `kept` of them stay. */
  private resize(count: number, kept: number): void {
    const { cells } = this.told
    const larger = emptyCells(count)
    larger.values.set(cells.values.subarray(0, kept))
    larger.states.set(cells.states.subarray(0, kept))
    larger.ages.set(cells.ages.subarray(0, kept))
    this.told.cells = larger
    if (kept === 0) this.told.seenMs = new Column()
  }
}

const next = (table: number) => (table + 1) % 65_536

/** Numbers by size, before texts by their characters. */
export function compareKeys(a: string, b: string): number {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1
  if (!Number.isNaN(x) && x !== y) return x - y
  return a < b ? -1 : a > b ? 1 : 0
}

const numberOf = (text: string) => (/^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN)

/** A hundred thousand keys in the order of `compareKeys`; each key's number is parsed once, not at every comparison. */
function sortedKeys(fleet: FleetPicture): number[] {
  const named = Array.from({ length: fleet.count }, (_, key) => {
    const text = fleet.text(key)
    const number = numberOf(text)
    return { key, text, number: Number.isNaN(number) ? Number.POSITIVE_INFINITY : number }
  })
  named.sort((a, b) => {
    if (a.number !== b.number) return a.number < b.number ? -1 : 1
    return a.text < b.text ? -1 : a.text > b.text ? 1 : 0
  })
  return named.map(({ key }) => key)
}
