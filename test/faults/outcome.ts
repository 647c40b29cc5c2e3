/**
 * How a seed was cut short: its process could not load what it runs (`load`), the simulation threw (`crash`), the process ended (`exit`),
 * or it took too long by the real clock (`late`).
 */
export type Cut = 'load' | 'crash' | 'exit' | 'late'

/** What became of one seed. */
export interface Outcome {
  readonly seed: number
  readonly violations: readonly string[]
  readonly compared: number
  readonly records: number
  readonly tasks: number
  readonly faults: number
  readonly kills: number
  readonly generations: number
  readonly fenced: number
  /** Tasks that went on while the group rebalanced. */
  readonly carriedOver: number
  /** Tasks that were taken over where an end had made several commits that Kafka hadn't. */
  readonly ahead: number
  readonly events: number
  /** Simulated, ms. */
  readonly timeMs: number
  readonly trace: string
  readonly places: Readonly<Record<string, number>>
  readonly story: readonly string[]
  /** Numbers of the mutants that it came by, in a lane that has them. */
  readonly reached?: readonly number[]
  /** Absent where the seed ran to its end. */
  readonly cut?: Cut
}

/** What became of a seed that told nothing itself: one violation, and nothing counted. */
export const cutShort = (seed: number, cut: Cut, violation: string): Outcome => ({
  ...{ seed, cut, violations: [violation], trace: '', places: {}, story: [] },
  ...{ compared: 0, records: 0, tasks: 0, faults: 0, kills: 0, generations: 0, fenced: 0 },
  ...{ carriedOver: 0, ahead: 0, events: 0, timeMs: 0 },
})
