import type { Keeper, KeptLog } from '../../../src/light/world/keeper'

interface Held {
  readonly startOffset: number
  readonly batches: Buffer[]
}

/** Keeps a cluster beyond its own end, as a folder does: whoever has it last writes, and what a killed one still does is done nowhere. */
export class KeptInMemory {
  /** By kind and name. What is kept is a copy, and nobody changes it. */
  private readonly values = new Map<string, Map<string, unknown>>()
  private readonly logs = new Map<string, Held>()
  private readonly snapshots = new Map<string, unknown>()
  private holder = 0
  private death: { left: number; readonly die: () => void } | undefined

  /** Calls `die` at the write after `writes` more ones, in the midst of what the cluster does, and before that write counts. */
  dieAfter(writes: number, die: () => void): void {
    this.death = { left: writes, die }
  }

  /** For a cluster that begins. */
  lease(): Keeper {
    const mine = ++this.holder
    const write = (run: () => void) => {
      if (this.death !== undefined && this.death.left-- === 0) {
        const { die } = this.death
        this.death = undefined
        die()
      }
      if (mine === this.holder) run()
    }
    const of = (kind: string) => {
      const found = this.values.get(kind) ?? new Map<string, unknown>()
      this.values.set(kind, found)
      return found
    }
    return {
      place: 'memory',
      all: kind => [...of(kind)],
      put: (kind, name, value) => write(() => of(kind).set(name, value())),
      drop: (kind, name) => write(() => of(kind).delete(name)),
      log: (topic, partition) => this.log(`${topic}-${partition}`, write),
    }
  }

  private log(name: string, write: (run: () => void) => void): KeptLog {
    const held = () => this.logs.get(name) ?? { startOffset: 0, batches: [] }
    return {
      place: name,
      read: () => ({
        startOffset: held().startOffset,
        bytes: Buffer.concat(held().batches),
        snapshot: this.snapshots.get(name),
      }),
      append: batch =>
        write(() => {
          const { startOffset, batches } = held()
          batches.push(batch)
          this.logs.set(name, { startOffset, batches })
        }),
      replace: (startOffset, batches, snapshot) => {
        // As JSON, which is what a folder would have.
        write(() => this.snapshots.set(name, JSON.parse(JSON.stringify(snapshot()))))
        write(() => this.logs.set(name, { startOffset, batches: [...batches] }))
      },
      delete: () => {
        write(() => this.logs.delete(name))
        write(() => this.snapshots.delete(name))
      },
    }
  }
}
