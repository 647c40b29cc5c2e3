import { itemAt } from '../../required'

/**
 * The binary frames of the fleet's view. The first byte says which: after it `table` and `notes` have JSON (UTF-8), `cells` and `changes` figures,
 * little-endian, and `points` the readings of one opened key. A cell is a key, or a bucket of keys where there are too many.
 *
 * ```text
 * cells    u8 2, u8 0, u16 table, u32 count, f64 atMs, then by cell: f32 value ×count, u8 state ×count, u8 age ×count
 * changes  u8 3, u8 bytes of an index (2 or 4), u16 table, u32 count, f64 atMs, then index ×count, f32 ×count, u8 ×count, u8 ×count
 * points   u8 5, u8 0, u16 0, u32 count, f64 atMs, then f64 timeMs ×count, f64 value ×count
 * ```
 */
export const FrameKind = { table: 1, cells: 2, changes: 3, notes: 4, points: 5 } as const

/** The states of a key, the least serious first; a bucket has the most serious state of its keys. */
export const keyStates = ['new', 'fine', 'stuck', 'implausible', 'silent', 'unreadable'] as const
export type KeyState = (typeof keyStates)[number]
export const KeyStateCode = { new: 0, fine: 1, stuck: 2, implausible: 3, silent: 4, unreadable: 5 } as const

export const headBytes = 16
/** A cell's bytes beside its index: value, state, age. */
export const cellBytes = 6

/** What the cells of a view are, from `first` on; those before `first` stay as they were sent. */
export interface CellTable {
  /** The number of the table: cells of another table are dropped. */
  readonly table: number
  readonly mode: 'keys' | 'buckets'
  /** Keys in all, of which the view may show a part. */
  readonly keys: number
  readonly first: number
  readonly cells: readonly CellName[]
}
/** A key; or of a bucket its first key, its last and how many it holds. */
export type CellName = string | readonly [from: string, to: string, keys: number]

/** Keys that need attention, in words, and totals over all keys. */
export interface FleetNotes {
  readonly atMs: number
  /** How long ago the source topic was read to its end: everything shown is that old. */
  readonly behindMs: number
  readonly perSecond: number
  readonly states: Readonly<Record<KeyState, number>>
  /** Keys that need attention, the most serious and newest first, at most 50 of them. */
  readonly standing: readonly StandingOut[]
  /** Why nothing new comes, as a sentence. */
  readonly problem: string | null
  /** The figure that is shown, and all that can be. */
  readonly field: string | null
  readonly fields: readonly { readonly name: string; readonly doc: string | null }[]
}

export interface StandingOut {
  readonly key: string
  readonly state: KeyState
  readonly value: number | null
  readonly sinceMs: number
  /** It may have come a little later than that: only samples of the time before have been read. */
  readonly isRough: boolean
  /** Silent: its usual gap between records; stuck: how long it usually keeps a value. Null where it isn't known. */
  readonly usualMs: number | null
  /** Its own recent band. */
  readonly band: readonly [low: number, high: number] | null
  /** Why its last record can't be read. */
  readonly reason: string | null
}

export interface Cells {
  readonly values: Float32Array
  readonly states: Uint8Array
  readonly ages: Uint8Array
}

export const emptyCells = (count: number): Cells => ({
  values: new Float32Array(count).fill(Number.NaN),
  states: new Uint8Array(count),
  ages: new Uint8Array(count).fill(255),
})

/** An age in one byte, within 5 %: a tenth of a second to an hour and a half. */
export function ageCode(ageMs: number): number {
  if (!(ageMs > 0)) return 0
  return Math.min(255, Math.round(16 * Math.log2(1 + ageMs / 100)))
}

export const ageOf = (code: number): number => 100 * (2 ** (code / 16) - 1)

/** All cells; or `changed` of them where that is smaller. */
export function encodeCells(table: number, atMs: number, cells: Cells, changed: Uint32Array): Uint8Array {
  const count = cells.values.length
  const indexBytes = count > 65_536 ? 4 : 2
  if (changed.length * (cellBytes + indexBytes) < count * cellBytes) return encodeChanges(table, atMs, cells, changed)
  const frame = head(FrameKind.cells, 0, table, count, atMs, count * cellBytes)
  const bytes = new Uint8Array(frame.buffer)
  for (const [i, value] of cells.values.entries()) frame.setFloat32(headBytes + 4 * i, value, true)
  bytes.set(cells.states, headBytes + 4 * count)
  bytes.set(cells.ages, headBytes + 5 * count)
  return bytes
}

function encodeChanges(table: number, atMs: number, cells: Cells, changed: Uint32Array): Uint8Array {
  const count = changed.length
  const indexBytes = cells.values.length > 65_536 ? 4 : 2
  const frame = head(FrameKind.changes, indexBytes, table, count, atMs, count * (cellBytes + indexBytes))
  const values = headBytes + indexBytes * count
  for (const [i, cell] of changed.entries()) {
    if (indexBytes === 4) frame.setUint32(headBytes + 4 * i, cell, true)
    else frame.setUint16(headBytes + 2 * i, cell, true)
    frame.setFloat32(values + 4 * i, itemAt(cells.values, cell), true)
    frame.setUint8(values + 4 * count + i, itemAt(cells.states, cell))
    frame.setUint8(values + 5 * count + i, itemAt(cells.ages, cell))
  }
  return new Uint8Array(frame.buffer)
}

function head(kind: number, detail: number, table: number, count: number, atMs: number, bodyBytes: number): DataView {
  const frame = new DataView(new ArrayBuffer(headBytes + bodyBytes))
  frame.setUint8(0, kind)
  frame.setUint8(1, detail)
  frame.setUint16(2, table, true)
  frame.setUint32(4, count, true)
  frame.setFloat64(8, atMs, true)
  return frame
}

/** Puts a frame of cells or changes into `cells` and says which were touched; undefined for one of another table, or cut short. */
export function decodeCells(
  frame: DataView,
  table: number,
  cells: Cells,
  touch: (cell: number) => void,
): number | undefined {
  if (frame.byteLength < headBytes || frame.getUint16(2, true) !== table) return undefined
  const [kind, indexBytes, count] = [frame.getUint8(0), frame.getUint8(1), frame.getUint32(4, true)]
  if (kind !== FrameKind.cells && kind !== FrameKind.changes) return undefined
  if (frame.byteLength !== headBytes + count * (cellBytes + indexBytes)) return undefined
  const values = headBytes + indexBytes * count
  for (let i = 0; i < count; i++) {
    const cell =
      indexBytes === 0
        ? i
        : indexBytes === 2
          ? frame.getUint16(headBytes + 2 * i, true)
          : frame.getUint32(headBytes + 4 * i, true)
    if (cell >= cells.values.length) continue
    cells.values[cell] = frame.getFloat32(values + 4 * i, true)
    cells.states[cell] = frame.getUint8(values + 4 * count + i)
    cells.ages[cell] = frame.getUint8(values + 5 * count + i)
    touch(cell)
  }
  return frame.getFloat64(8, true)
}

/** A `table` or `notes` frame. */
export function encodeJson(kind: number, content: CellTable | FleetNotes): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(content))
  const frame = new Uint8Array(1 + text.length)
  frame[0] = kind
  frame.set(text, 1)
  return frame
}

export function decodeJson<T extends CellTable | FleetNotes>(frame: DataView): T {
  return JSON.parse(new TextDecoder().decode(new Uint8Array(frame.buffer, frame.byteOffset + 1, frame.byteLength - 1)))
}

/** Readings of one key in the order of their offsets. */
export function encodePoints(atMs: number, timesMs: readonly number[], values: readonly number[]): Uint8Array {
  const count = timesMs.length
  const frame = head(FrameKind.points, 0, 0, count, atMs, 16 * count)
  for (const [i, timeMs] of timesMs.entries()) frame.setFloat64(headBytes + 8 * i, timeMs, true)
  for (const [i, value] of values.entries()) frame.setFloat64(headBytes + 8 * (count + i), value, true)
  return new Uint8Array(frame.buffer)
}

export function decodePoints(frame: DataView): { readonly timesMs: Float64Array; readonly values: Float64Array } {
  const count = frame.getUint32(4, true)
  const timesMs = new Float64Array(count)
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    timesMs[i] = frame.getFloat64(headBytes + 8 * i, true)
    values[i] = frame.getFloat64(headBytes + 8 * (count + i), true)
  }
  return { timesMs, values }
}
