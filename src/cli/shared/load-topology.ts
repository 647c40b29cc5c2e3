import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Topology } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { NotFoundError, UsageError } from '../../ops/errors'
import { notFound } from '../../ops/nearest'
import { itemAt } from '../../required'
import type { VerbArgument } from './verb'

export const DEFAULT_FILE = 'topology/sensors.ts'

/** How a verb is told which topology is meant: see topologyOf. */
export const TOPOLOGY_ARGUMENT: VerbArgument = {
  name: '[topology]',
  about: `its name, or its file (${DEFAULT_FILE})`,
  completes: 'topology',
}

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

/** A topology by its file, or by its name among those in topology/. Throws NotFoundError with the nearest name. */
export function topologyOf(fileOrName = DEFAULT_FILE): Topology {
  const isFile = existsSync(resolve(fileOrName)) || /[/\\]|\.[cm]?[jt]s$/.test(fileOrName)
  if (!isFile) return findTopology(fileOrName)
  if (!existsSync(resolve(fileOrName))) throw new NotFoundError(`topology file "${fileOrName}" does not exist`)
  return loadTopology(fileOrName)
}

/** The topology files of a folder, in alphabetical order; none where there is no such folder. */
export const topologyFiles = (folder = 'topology'): string[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter(name => /\.[cm]?[jt]s$/.test(name) && !name.endsWith('.d.ts'))
    .sort()
    .map(name => join(folder, name))

/** What the files of topology/ call their topologies, by their text: a Tab runs nothing of the folder that the shell is in. */
export const applicationNames = (): string[] =>
  topologyFiles().flatMap(file => /\btopology\(\s*(['"`])([\w.-]+)\1/.exec(readFileSync(file, 'utf8'))?.[2] ?? [])

/** The applications whose topologies are in topology/; a file that can't be loaded is none. */
export const applications = (): string[] => all().map(({ name }) => name)

/** The topology of an application, from topology/. Throws NotFoundError with the nearest name. */
export function findTopology(application: string): Topology {
  const found = all().find(({ name }) => name === application)
  if (found !== undefined) return found
  throw notFound('topology', application, applications())
}

/** The one topology of topology/ that has a store. Throws NotFoundError, or UsageError where several have it. */
export function topologyWithStore(store: string): Topology {
  const having = all().filter(({ stores }) => stores.some(({ name }) => name === store))
  if (having.length === 0)
    throw notFound(
      'store',
      store,
      all().flatMap(({ stores }) => stores.map(({ name }) => name)),
    )
  if (having.length === 1) return itemAt(having, 0)
  throw new UsageError(`several topologies have a store "${store}": name one: --application ${itemAt(having, 0).name}`)
}

function all(): Topology[] {
  return topologyFiles().flatMap(file => {
    try {
      return [loadTopology(file)]
    } catch {
      return []
    }
  })
}
