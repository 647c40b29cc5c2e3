import { resolve } from 'node:path'
import type { Topology } from '../dsl/graph'
import { TopologyError } from '../errors'

/** Loads a topology file's default export. Throws TopologyError with the file's name. */
export function loadTopology(file: string): Topology {
  let loaded: { default?: Topology }
  try {
    loaded = require(resolve(file)) as { default?: Topology }
  } catch (error) {
    if (error instanceof TopologyError) throw error
    throw new TopologyError(`${file} can't be loaded: ${(error as Error).message}`, { cause: error })
  }
  if (loaded.default?.nodes === undefined) {
    throw new TopologyError(
      `${file} has no topology as its default export: export default topology('name', streams => ...)`,
    )
  }
  return loaded.default
}
