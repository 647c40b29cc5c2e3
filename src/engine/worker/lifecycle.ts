import { TopologyError } from '../../errors'

/**
 * What a worker is doing.
 *
 *                   ┌────────────── fenced, evicted, released ─────────────┐
 *                   ▼                                                      │
 *     ──start──▶ joining ──assigned──▶ opening ──tasks are open──▶ running ┤
 *                   ▲                  ▲     │                        │    │
 *                   │                  │     └─ a service is away ─┐  │    │
 *                   │                  │                           ▼  ▼    │
 *                   ├──── revoked ─────┼───────────────────────── waiting ─┘
 *                   │                  └──── the pause is over ─────┘
 *                   └── committed, let go ── draining ◀── revoked while running
 *
 *     any ──stop──▶ stopped       any but stopped ──gives up──▶ failed
 */
export type Life<Generation> =
  | { readonly state: 'joining' }
  /** Tasks are restored, ends are taken over. */
  | { readonly state: 'opening'; readonly generation: Generation }
  | { readonly state: 'running'; readonly generation: Generation }
  /** An attempt has failed; the next one comes after a pause. */
  | { readonly state: 'waiting'; readonly generation: Generation; readonly error: Error }
  /** A rebalance: what is in hand is finished and committed. */
  | { readonly state: 'draining'; readonly generation: Generation }
  | { readonly state: 'stopped' }
  | { readonly state: 'failed'; readonly error: Error }

export type WorkerState = Life<unknown>['state']

const next: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  joining: ['joining', 'opening', 'stopped', 'failed'],
  opening: ['running', 'waiting', 'joining', 'stopped', 'failed'],
  running: ['waiting', 'draining', 'joining', 'stopped', 'failed'],
  waiting: ['opening', 'joining', 'stopped', 'failed'],
  draining: ['joining', 'stopped', 'failed'],
  stopped: [],
  failed: ['stopped'],
}

/** The one place where a worker's state changes. It only holds generations, and knows nothing of what they do. */
export class Lifecycle<Generation> {
  private life: Life<Generation> = { state: 'joining' }

  get now(): Life<Generation> {
    return this.life
  }

  /** The generation that owns the worker's tasks; undefined between two generations. */
  get generation(): Generation | undefined {
    return 'generation' in this.life ? this.life.generation : undefined
  }

  /** Throws TopologyError for a transition that isn't in the drawing: a bug of weir. */
  to(life: Life<Generation>): void {
    if (!next[this.life.state].includes(life.state))
      throw new TopologyError(`a worker can't go from ${this.life.state} to ${life.state}; please report this`)
    this.life = life
  }

  /** Moves to a state of a generation, unless that is no longer the worker's current one. */
  continue(life: Extract<Life<Generation>, { generation: Generation }>): void {
    if (this.generation === life.generation) this.to(life)
  }

  /** The worker gives up, for good. False when it had given up or stopped before. */
  fail(error: Error): boolean {
    if (this.life.state === 'failed' || this.life.state === 'stopped') return false
    this.to({ state: 'failed', error })
    return true
  }
}
