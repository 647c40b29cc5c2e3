import { encodeCells, encodeJson, type FleetNotes, FrameKind, keyStates } from '../../contract/fleet-frame'
import type { Feed } from '../live/feed'
import { CellView, type KeyRange } from './cell-view'
import type { Fleet } from './fleet'

/** How often notes are sent, ms. */
const notesMs = 1_000

/** What one client is sent about a fleet: what its cells are, what they show, and which keys need attention. A frame is made only when it is taken. */
export class FleetFeed implements Feed {
  private readonly view: CellView
  private readonly forget: () => void
  private notedAt = Number.NEGATIVE_INFINITY
  private noted = ''
  private shownAtMs = -1

  constructor(
    private readonly fleet: Fleet,
    range: KeyRange,
    private readonly changed: () => void,
    private readonly release: () => void,
  ) {
    this.view = new CellView(fleet, range)
    this.forget = fleet.onTick(() => this.changed())
  }

  take(): Uint8Array | undefined {
    const now = performance.now()
    const frame = this.next(now)
    if (frame === undefined) return undefined
    // There may be more: the table is followed by its cells, and those by notes.
    setImmediate(this.changed)
    return frame
  }

  close(): void {
    this.forget()
    this.release()
  }

  private next(now: number): Uint8Array | undefined {
    const table = this.view.takeTable(now)
    if (table !== undefined) {
      this.shownAtMs = -1
      return encodeJson(FrameKind.table, table)
    }
    return this.cells() ?? this.notes(now)
  }

  private cells(): Uint8Array | undefined {
    const { atMs } = this.fleet
    if (atMs === this.shownAtMs || this.view.id === 0) return undefined
    const isFirst = this.shownAtMs === -1
    this.shownAtMs = atMs
    const changed = this.view.update()
    const { cells } = this.view.told
    const sent = isFirst ? Uint32Array.from(cells.values.keys()) : changed
    return sent.length === 0 ? undefined : encodeCells(this.view.id, atMs, cells, sent)
  }

  private notes(now: number): Uint8Array | undefined {
    if (now - this.notedAt < notesMs) return undefined
    this.notedAt = now
    const { fleet } = this
    const notes: FleetNotes = {
      atMs: Math.round(fleet.atMs),
      behindMs: fleet.atMs === 0 ? 0 : Math.max(0, Math.round((Date.now() - fleet.atMs) / 100) * 100),
      perSecond: fleet.perSecond,
      states: Object.fromEntries(
        keyStates.map((state, code) => [state, fleet.sums[code] ?? 0]),
      ) as FleetNotes['states'],
      ...{ standing: fleet.standing, problem: fleet.problem, field: fleet.values.field ?? null },
      fields: fleet.values.known.figures,
    }
    const content = JSON.stringify({ ...notes, atMs: 0 })
    if (content === this.noted) return undefined
    this.noted = content
    return encodeJson(FrameKind.notes, notes)
  }
}
