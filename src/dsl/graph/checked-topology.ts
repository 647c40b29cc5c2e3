import { ConfigError } from '../../errors'
import type { Topology } from './graph-node'

export const isTopology = (value: unknown): value is Topology =>
  typeof value === 'object' && value !== null && 'nodes' in value && 'stores' in value

/** A topology as a program gives it. Throws ConfigError for what is none: a module that has one is told from nothing at all. */
export function checkedTopology(where: string, value: unknown): Topology {
  if (isTopology(value)) return value
  const { default: exported } = Object(value) as { readonly default?: unknown }
  // One of CommonJS that was compiled from `export default` has it once more below.
  const isModule = isTopology(exported) || isTopology(Object(exported).default)
  const found = isModule
    ? 'is given the module that has it: take its default export'
    : `needs a topology, as topology('name', streams => ...) makes it, and is given ${value === undefined ? 'nothing' : 'something else'}`
  throw new ConfigError(`${where} ${found}`)
}
