import { plantMutant } from '../mutation/simulated/plant-mutant'
import { plant } from './planted/plant'
import type { Point } from './weather/points'

/** What a lane is asked to do. */
export interface Order {
  readonly seed: number
  /** The points that may be on; absent: all. */
  readonly left?: readonly Point[]
}

// A process of its own: simulated time takes the place of the real one for good.
plant(process.env.WEIR_PLANTED)
const mutants = plantMutant(process.env)
// Loaded once the bug is planted.
const { runSeed } = require('./simulation') as typeof import('./simulation')

process.on('message', ({ seed, left }: Order) => {
  runSeed(seed, left).then(
    outcome => process.send?.({ ...outcome, ...(mutants && { reached: mutants.take() }) }),
    (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.send?.({ seed, crashed: text })
    },
  )
})
process.on('disconnect', () => process.exit())
