import { plantMutant } from '../mutation/simulated/plant-mutant'
import type { Outcome } from './outcome'
import { plant } from './planted/plant'
import type { Point } from './weather/points'

/** What a lane is asked to do. */
export interface Order {
  readonly seed: number
  /** The points that may be on; absent: all. */
  readonly left?: readonly Point[]
}

/** What a lane says: that it can run seeds, what became of one, or by what error its process ends. */
export type FromLane = 'loaded' | Outcome | { readonly crashed: string }

const say = (message: FromLane, said = () => {}) => process.send?.(message, said)

function crash(error: unknown): void {
  const crashed = error instanceof Error ? (error.stack ?? error.message) : String(error)
  say({ crashed }, () => process.exit(1))
}

process.on('uncaughtException', crash)
// A process of its own: simulated time takes the place of the real one for good.
const planted = plant(process.env.WEIR_PLANTED)
const mutants = plantMutant(process.env)
// Loaded once the bug is planted.
const { runSeed } = require('./simulation') as typeof import('./simulation')
const { install } = require('./world/install') as typeof import('./world/install')
// MQTT.js keeps the timers that it finds as it is loaded: a seed would load it only then, and the planted bug with it.
install()
require('../../src/connectors/mqtt/mqtt-sink')

if (planted?.isLoaded === false) throw new Error('no module that runs has the planted bug')
process.on('message', ({ seed, left }: Order) => {
  runSeed(seed, left).then(outcome => say({ ...outcome, ...(mutants && { reached: mutants.take() }) }), crash)
})
process.on('disconnect', () => process.exit())
say('loaded')
