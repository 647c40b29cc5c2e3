import { EventHeap } from '../../../src/light/world/event-heap'

/** Kept before anything is replaced: what drives the simulation itself. */
const nextTurn = globalThis.setImmediate
/** Node's own, by which it runs all ticks and promises after a callback: many events need one turn of the real event loop. */
const { _tickCallback: drain } = process as typeof process & { readonly _tickCallback: () => void }
const EVENTS_A_TURN = 256

/** Who runs something: a worker's life (`w1.2`), a node of Kafka (`kafka1`), or the world around them. */
export type Owner = string
export const WORLD: Owner = 'world'

interface Event {
  at: number
  order: number
  readonly owner: Owner
  readonly run: () => void
  isCancelled: boolean
}

const HASH_PRIME = 0x01000193

/**
 * Time and order of everything in one simulation. An event runs until nothing of it is left to do (its promises and ticks too) before
 * the next one begins, so whatever it leads to is its owner's; who is killed runs no more, who is paused runs later.
 */
export class Kernel {
  /** ms since the simulation began. */
  time = 0
  owner: Owner = WORLD
  /** Events that have run. */
  ran = 0
  private hash = 0x811c9dc5
  private count = 0
  private readonly events = new EventHeap<Event>()
  private readonly dead = new Set<Owner>()
  private readonly pauses = new Map<Owner, number>()
  private readonly skews = new Map<Owner, number>()

  /** Over everything that has happened, in its order: equal for equal seeds. */
  get trace(): string {
    return (this.hash >>> 0).toString(16).padStart(8, '0')
  }

  /** `run` once, `ms` later; what comes back cancels it. */
  after(ms: number, run: () => void, owner: Owner = this.owner): () => void {
    return this.at(this.time + Math.max(0, ms), run, owner)
  }

  /** `run` once at a time; of two at the same time the one planned first runs first. */
  at(time: number, run: () => void, owner: Owner): () => void {
    const event: Event = { at: Math.max(time, this.time), order: this.count++, owner, run, isCancelled: false }
    if (!this.dead.has(owner)) this.events.add(event)
    return () => {
      event.isCancelled = true
    }
  }

  /** Adds to the trace. */
  note(what: string | Uint8Array): void {
    let { hash } = this
    for (let i = 0; i < what.length; i++) {
      const each = typeof what === 'string' ? what.charCodeAt(i) : (what[i] ?? 0)
      hash = Math.imul(hash ^ each, HASH_PRIME)
    }
    this.hash = hash
  }

  /** What `owner` had planned never happens, nor what it plans from now on. */
  kill(owner: Owner): void {
    this.dead.add(owner)
  }

  isDead(owner: Owner = this.owner): boolean {
    return this.dead.has(owner)
  }

  /**
   * What `owner` would do within `ms` is done afterwards, as after SIGSTOP and SIGCONT. Nothing where it is paused already: what waits for the end
   * of the one pause would come behind what is put off by a longer one.
   */
  pause(owner: Owner, ms: number): void {
    if ((this.pauses.get(owner) ?? 0) > this.time) return
    this.pauses.set(owner, this.time + ms)
  }

  /** Sets the wall clock of `owner` this much ahead, ms. */
  skew(owner: Owner, ms: number): void {
    this.skews.set(owner, ms)
  }

  /** The wall clock of whoever runs now, relative to the beginning, ms. */
  get wall(): number {
    return this.time + (this.skews.get(this.owner) ?? 0)
  }

  /** Runs events until `isOver`, or until `limitMs` of time or `limitEvents` have passed; false where they have. */
  run(isOver: () => boolean, limitMs: number, limitEvents: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const step = () => {
        try {
          for (let i = 0; i < EVENTS_A_TURN; i++) {
            if (isOver()) return resolve(true)
            if (this.time > limitMs || this.ran > limitEvents || !this.runNext()) return resolve(false)
            drain()
          }
        } catch (error) {
          return reject(error)
        }
        nextTurn(step)
      }
      nextTurn(step)
    })
  }

  private runNext(): boolean {
    for (let event = this.events.take(); event !== undefined; event = this.events.take()) {
      if (event.isCancelled || this.dead.has(event.owner)) continue
      const until = this.pauses.get(event.owner)
      if (until !== undefined && event.at < until) {
        event.at = until
        event.order = this.count++
        this.events.add(event)
        continue
      }
      this.time = event.at
      this.owner = event.owner
      this.ran++
      this.hash = Math.imul(this.hash ^ (event.at * 1024), HASH_PRIME)
      this.note(event.owner)
      event.run()
      return true
    }
    return false
  }
}
