import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isTopology, type Topology } from '../../dsl/graph'
import { ConfigError, TopologyError } from '../../errors'
import { NotFoundError, UsageError } from '../../ops/errors'
import { notFound } from '../../ops/nearest'
import { itemAt } from '../../required'
import { authorsPlace } from './authors-place'
import { loadModule } from './load-module'
import type { VerbArgument } from './verb'

/** Where a project with one topology has it, as `npm create weir` makes it. */
const ownFile = (): string | undefined =>
  ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map(extension => `topology.${extension}`).find(file => existsSync(file))

/** The topology that is meant where none is named: topology.ts, or that of the folder topology/ if there is one; of the clone, sensors. */
export function defaultFile(): string {
  const [file, ...others] = filesOf('topology')
  const sensors = [file, ...others].find(each => each === join('topology', 'sensors.ts'))
  return ownFile() ?? sensors ?? (others.length === 0 ? file : undefined) ?? 'topology.ts'
}

/** How a verb is told which topology is meant: see topologyOf. */
export const TOPOLOGY_ARGUMENT: VerbArgument = {
  name: '[topology]',
  about: `its name, or its file (${defaultFile()})`,
  completes: 'topology',
}

/** Throws NotFoundError for what is no file: every verb that takes one says it so. */
export function requireFile(file: string): void {
  const found = statSync(resolve(file), { throwIfNoEntry: false })
  if (found === undefined) throw new NotFoundError(`file "${file}" does not exist`)
  if (found.isDirectory()) throw new NotFoundError(`"${file}" is a folder: name a file`)
}

/**
 * Loads a topology file's default export. Throws NotFoundError where there is no such file, TopologyError with the file's name, and the place where a step of
 * loading it failed.
 */
export async function loadTopology(file: string): Promise<Topology> {
  requireFile(file)
  let loaded: unknown
  try {
    loaded = await loadModule(resolve(file))
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const message = withTheirNames((error as Error).message)
    const place = authorsPlace(error)
    const at = place === undefined ? '' : ` (at ${place})`
    const said = error instanceof TopologyError ? message : `${file} can't be loaded: ${message}`
    throw new TopologyError(`${said}${at}`, { cause: error })
  }
  const topology = defaultExport(loaded)
  if (isTopology(topology)) return topology
  throw new TopologyError(
    `${file} has no topology as its default export: export default topology('name', streams => ...)`,
  )
}

/** tsx compiles `bad.mts` as `bad.ts`, and tells its faults there. */
const withTheirNames = (message: string): string =>
  message.replace(/(\S+\/\S+)\.ts(?=:\d+:\d+)/g, (told, path: string) =>
    existsSync(told) ? told : ([`${path}.mts`, `${path}.cts`].find(file => existsSync(file)) ?? told),
  )

/** What a module exports by default. One of CommonJS that was compiled from `export default` has it below `module.exports`, once more. */
function defaultExport(loaded: unknown): unknown {
  const once = Object(loaded).default
  return isTopology(once) ? once : Object(once).default
}

/** A topology by its file, or by its name among those of the project. Throws NotFoundError with the nearest name. */
export async function topologyOf(fileOrName = defaultFile()): Promise<Topology> {
  const isFile = existsSync(resolve(fileOrName)) || /[/\\]|\.[cm]?[jt]s$/.test(fileOrName)
  if (!isFile) return findTopology(fileOrName)
  return loadTopology(fileOrName)
}

/** The files of a folder that may be topologies, in alphabetical order; none where there is no such folder. */
function filesOf(folder: string): string[] {
  const isFolder = existsSync(folder) && statSync(folder).isDirectory()
  return (isFolder ? readdirSync(folder) : [])
    .filter(name => /\.[cm]?[jt]s$/.test(name) && !/\.d\.[cm]?ts$/.test(name))
    .sort()
    .map(name => join(folder, name))
}

/** The topology files of a folder; of the project, unless one is named: topology.ts, and those in topology/. */
export function topologyFiles(folder?: string): string[] {
  if (folder !== undefined) return filesOf(folder)
  const own = ownFile()
  return [...(own === undefined ? [] : [own]), ...filesOf('topology')]
}

/** What the project's files call their topologies, by their text: a Tab runs nothing of the folder that the shell is in. */
export const applicationNames = (): string[] =>
  topologyFiles().flatMap(file => /\btopology\(\s*(['"`])([\w.-]+)\1/.exec(readFileSync(file, 'utf8'))?.[2] ?? [])

/** The applications whose topologies the project has; a file that can't be loaded is none. */
export const applications = async (): Promise<string[]> => (await all()).map(({ name }) => name)

/** The topology of an application, from the project. Throws NotFoundError with the nearest name. */
export async function findTopology(application: string): Promise<Topology> {
  const found = (await all()).find(({ name }) => name === application)
  if (found !== undefined) return found
  const { message } = notFound('topology', application, await applications())
  const hint = message.includes('did you mean')
    ? ''
    : '; one that is not in topology.ts or topology/ is meant by its file'
  throw new NotFoundError(`${message}${hint}`)
}

/** The one topology of the project that has a store. Throws NotFoundError, or UsageError where several have it. */
export async function topologyWithStore(store: string): Promise<Topology> {
  const known = await all()
  const having = known.filter(({ stores }) => stores.some(({ name }) => name === store))
  if (having.length === 0)
    throw notFound(
      'store',
      store,
      known.flatMap(({ stores }) => stores.map(({ name }) => name)),
    )
  if (having.length === 1) return itemAt(having, 0)
  throw new UsageError(`several topologies have a store "${store}": name one: --application ${itemAt(having, 0).name}`)
}

async function all(): Promise<Topology[]> {
  const loaded = await Promise.allSettled(topologyFiles().map(file => loadTopology(file)))
  return loaded.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
}
