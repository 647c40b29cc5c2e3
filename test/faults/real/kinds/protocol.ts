import { setTimeout as sleep } from 'node:timers/promises'
import type { Slot } from '../crew/slot'
import type { Scene } from '../scene'
import { type Cell, cellName, cells, needsStart } from './cells'
import type { Kind } from './kind'

/** Cells of one round. */
const AT_ONCE = 12
const STEADY_LIMIT_MS = 4_000
const START_LIMIT_MS = 12_000
const PAUSE_MS = 150
/** Where a worker meets none of the cells others are chosen, so often in all. */
const MOST_TRIES = 3

/** How often each cell was met. */
export class CellBook {
  readonly met = new Map<string, number>()

  constructor(entries: Readonly<Record<string, number>> = {}) {
    for (const [name, count] of Object.entries(entries)) this.met.set(name, count)
  }

  get unmet(): number {
    return cells.filter(cell => !this.met.has(cellName(cell))).length
  }

  /** Those met least come first. */
  next(scene: Scene, count: number): Cell[] {
    const order = cells.map(cell => [(this.met.get(cellName(cell)) ?? 0) + scene.random.next() * 0.9, cell] as const)
    return order
      .sort(([a], [b]) => a - b)
      .slice(0, count)
      .map(([, cell]) => cell)
  }

  note(cell: Cell): void {
    this.met.set(cellName(cell), (this.met.get(cellName(cell)) ?? 0) + 1)
  }
}

/** Arms the cells in one worker: the next request of each API meets the first one of its cells. Resolves with those that were met within the limit. */
function meet(slot: Slot, wanted: readonly Cell[], limitMs: number): Promise<readonly Cell[]> {
  const left = [...wanted]
  const met: Cell[] = []
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      slot.kafka.meddle = undefined
      resolve(met)
    }
    const timer = setTimeout(end, limitMs)
    slot.kafka.meddle = ({ name }) => {
      const at = left.findIndex(({ api }) => api === name)
      const [cell] = at < 0 ? [] : left.splice(at, 1)
      if (cell === undefined) return 'pass'
      met.push(cell)
      if (left.length === 0) end()
      return { kind: cell.moment, code: cell.code }
    }
  })
}

/** What comes while records flow is met one after the other; what comes when a worker begins, in one start. @returns those that were met */
async function meetAll(slot: Slot, chosen: readonly Cell[]): Promise<readonly Cell[]> {
  const met: Cell[] = []
  const strike = async (wanted: readonly Cell[], limitMs: number) => {
    met.push(...(await meet(slot, wanted, limitMs)))
    await sleep(PAUSE_MS)
  }
  for (const cell of chosen.filter(each => !needsStart(each))) await strike([cell], STEADY_LIMIT_MS)
  const starting = chosen.filter(needsStart)
  if (starting.length > 0) {
    await slot.stop()
    slot.start()
    await strike(starting, START_LIMIT_MS)
  }
  return met
}

export function protocol(book: CellBook): Kind {
  return {
    id: 'F21',
    title: "Kafka's protocol: API × error × moment",
    async strike(scene) {
      const told: string[] = []
      for (let i = 0; i < MOST_TRIES; i++) {
        const slot = scene.random.pick(scene.crew)
        const chosen = book.next(scene, AT_ONCE)
        const met = await meetAll(slot, chosen)
        for (const cell of met) book.note(cell)
        const words = chosen.map(cell => `${cellName(cell)}${met.includes(cell) ? '' : ' (not met)'}`)
        told.push(`${slot.name}: ${words.join(', ')}`)
        if (met.length > 0) return { what: told.join('; ') }
      }
      return { what: told.join('; '), missed: true }
    },
  }
}
