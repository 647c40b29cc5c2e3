import { loadMutated, type Switchboard } from '../schemata/load'

/** Puts every mutant into a lane of the simulation; the one that is named is on. Undefined where the lane is an ordinary one. */
export function plantMutant(env: NodeJS.ProcessEnv): Switchboard | undefined {
  if (env.WEIR_MUTATION_BUILD === undefined) return undefined
  const board = loadMutated(env.WEIR_MUTATION_BUILD)
  board.turn(Number(env.WEIR_MUTANT ?? -1))
  return board
}
