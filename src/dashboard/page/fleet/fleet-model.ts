import {
  type CellName,
  type Cells,
  type CellTable,
  decodeCells,
  decodeJson,
  emptyCells,
  type FleetNotes,
  FrameKind,
} from '../../contract/fleet-frame'

/** What the page knows of a fleet from its frames. Each drawing reads it anew. */
export class FleetModel {
  /** Cells of the table, one after the other. */
  names: CellName[] = []
  cells: Cells = emptyCells(0)
  mode: CellTable['mode'] = 'keys'
  /** Counts tables: what was sorted by names has to be sorted again. */
  table = 0
  notes: FleetNotes | undefined
  /** The server's time of the last frame of cells, and when it came by the browser's clock; 0 before the first. */
  atMs = 0
  cameMs = 0
  private tableId = -1
  private readonly listeners = { frame: new Set<() => void>(), words: new Set<() => void>() }

  constructor(private readonly now: () => number = Date.now) {}

  take(frame: DataView): void {
    const kind = frame.getUint8(0)
    if (kind === FrameKind.table) this.takeTable(decodeJson<CellTable>(frame))
    else if (kind === FrameKind.notes) this.notes = decodeJson<FleetNotes>(frame)
    else {
      const atMs = decodeCells(frame, this.tableId, this.cells, () => {})
      if (atMs === undefined) return
      this.atMs = atMs
      this.cameMs = this.now()
    }
    if (kind === FrameKind.table || kind === FrameKind.notes) for (const listener of this.listeners.words) listener()
    for (const listener of this.listeners.frame) listener()
  }

  /** Calls `listener` after each frame; returns what ends that. */
  onFrame(listener: () => void): () => void {
    this.listeners.frame.add(listener)
    return () => void this.listeners.frame.delete(listener)
  }

  /** The same where names or notes have come, which is seldom. */
  onWords(listener: () => void): () => void {
    this.listeners.words.add(listener)
    return () => void this.listeners.words.delete(listener)
  }

  private takeTable({ table, mode, first, cells }: CellTable): void {
    const kept = table === this.tableId ? Math.min(first, this.names.length) : 0
    this.names = [...this.names.slice(0, kept), ...cells]
    const larger = emptyCells(this.names.length)
    larger.values.set(this.cells.values.subarray(0, kept))
    larger.states.set(this.cells.states.subarray(0, kept))
    larger.ages.set(this.cells.ages.subarray(0, kept))
    this.cells = larger
    this.tableId = table
    this.mode = mode
    this.table++
  }
}

/** What a cell is called: its key, or a bucket's first and last one. */
export const titleOf = (name: CellName | undefined): string =>
  name === undefined ? '' : typeof name === 'string' ? name : `${name[0]} … ${name[1]}`
