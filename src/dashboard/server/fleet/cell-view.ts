import { ageCode, type CellName, type Cells, type CellTable, emptyCells } from '../../contract/fleet-frame'
import type { Fleet } from './fleet'

/** Beyond so many keys their cells couldn't be told apart on a screen, nor sent twice a second. */
const mostKeys = 5_000
export const bucketCount = 2_000
/** Keys that come are sorted into buckets so often at most, ms. */
const rebuildMs = 5_000

/** What of a fleet a view needs. */
export type FleetPicture = Pick<Fleet, 'count' | 'states' | 'atMs' | 'text'>

/** The keys between two, in their order, the ends included. Empty: no end. */
export interface KeyRange {
  readonly from: string
  readonly to: string
}

/** What one client looks at: all keys or a range of them, each a cell, or each cell a bucket of neighbouring keys. */
export class CellView {
  /** Of the client's picture: what it was told last. */
  readonly told: { cells: Cells; seenMs: Float64Array } = { cells: emptyCells(0), seenMs: new Float64Array(0) }
  private table = 0
  private mode: CellTable['mode'] = 'keys'
  /** Keys in the order of the cells; a bucket's from its start to the next one's. */
  private keys = new Uint32Array(0)
  private starts = new Uint32Array(0)
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

  /** Looks at each cell and returns those that have changed since they were told; `told` then holds all as they are now. */
  update(): Uint32Array {
    const { cells, seenMs } = this.told
    const count = cells.values.length
    const changed = new Uint32Array(count)
    let found = 0
    for (let cell = 0; cell < count; cell++) if (this.look(cell, cells, seenMs)) changed[found++] = cell
    return changed.subarray(0, found)
  }

  private look(cell: number, cells: Cells, seenMs: Float64Array): boolean {
    const { states, atMs } = this.fleet
    let [sum, figures, worst, newest] = [0, 0, 0, 0]
    const end = this.starts[cell + 1]!
    for (let i = this.starts[cell]!; i < end; i++) {
      const key = this.keys[i]!
      const value = states.values[key]!
      if (Number.isFinite(value)) {
        sum += value
        figures++
      }
      worst = Math.max(worst, states.states.code[key]!)
      newest = Math.max(newest, states.seenMs[key]!)
    }
    const value = Math.fround(figures === 0 ? Number.NaN : sum / figures)
    const isChanged = worst !== cells.states[cell] || newest > seenMs[cell]! || !Object.is(value, cells.values[cell])
    cells.values[cell] = value
    cells.states[cell] = worst
    cells.ages[cell] = newest === 0 ? 255 : ageCode(atMs - newest)
    seenMs[cell] = newest
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

  /** Keys stay where they are: only new ones are told. */
  private append(count: number): void {
    const first = this.keys.length
    if (first === 0) this.table = next(this.table)
    this.keys = Uint32Array.from({ length: count }, (_, key) => key)
    this.starts = Uint32Array.from({ length: count + 1 }, (_, at) => at)
    this.resize(count, first)
    this.pending = { first, cells: Array.from({ length: count - first }, (_, at) => this.fleet.text(first + at)) }
  }

  private sort(now: number): void {
    this.builtAt = now
    const sorted = this.inRange(sortedKeys(this.fleet))
    this.keys = Uint32Array.from(sorted)
    this.mode = sorted.length <= mostKeys ? 'keys' : 'buckets'
    const cells = this.mode === 'keys' ? sorted.length : bucketCount
    this.starts = Uint32Array.from({ length: cells + 1 }, (_, at) =>
      Math.round((at * sorted.length) / Math.max(1, cells)),
    )
    this.table = next(this.table)
    this.resize(cells, 0)
    this.pending = { first: 0, cells: Array.from({ length: cells }, (_, cell) => this.nameOf(cell)) }
  }

  private nameOf(cell: number): CellName {
    const [start, end] = [this.starts[cell]!, this.starts[cell + 1]!]
    const from = this.fleet.text(this.keys[start]!)
    return this.mode === 'keys' ? from : [from, this.fleet.text(this.keys[end - 1]!), end - start]
  }

  private inRange(keys: readonly number[]): readonly number[] {
    const { from, to } = this.range
    const texts = (key: number) => this.fleet.text(key)
    return keys.filter(
      key => (from === '' || compareKeys(texts(key), from) >= 0) && (to === '' || compareKeys(texts(key), to) <= 0),
    )
  }

  private resize(count: number, kept: number): void {
    const { cells, seenMs } = this.told
    const larger = emptyCells(count)
    larger.values.set(cells.values.subarray(0, kept))
    larger.states.set(cells.states.subarray(0, kept))
    larger.ages.set(cells.ages.subarray(0, kept))
    const seen = new Float64Array(count)
    seen.set(seenMs.subarray(0, kept))
    this.told.cells = larger
    this.told.seenMs = seen
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

/** A hundred thousand keys in the order of `compareKeys`, without asking each again for what it is at every comparison. */
function sortedKeys(fleet: FleetPicture): number[] {
  const texts = Array.from({ length: fleet.count }, (_, key) => fleet.text(key))
  const numbers = Float64Array.from(texts, text => {
    const number = numberOf(text)
    return Number.isNaN(number) ? Number.POSITIVE_INFINITY : number
  })
  return Array.from(texts.keys()).sort((a, b) => {
    const [x, y] = [numbers[a]!, numbers[b]!]
    if (x !== y) return x < y ? -1 : 1
    return texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : 0
  })
}
