import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { ConfigError } from '../errors'
import { nearest } from '../nearest'
import { type ProjectManifest, projectManifest } from './project-manifest'
import { type Template, templateFolder, templates } from './templates'

export interface ProjectOptions {
  /** Where it is made; the folder may be there. */
  readonly folder: string
  /** One of `templates`. */
  readonly template: string
  /** A folder with weir's packages as tarballs, as `npm run pack` makes them; else they come from the registry. */
  readonly tarballs?: string | undefined
}

export interface CreatedProject {
  readonly name: string
  /** Files that were there and stay as they were. */
  readonly kept: readonly string[]
}

/** Says what a project does: one that is there can't stand for it. */
const isOwn = (file: string): boolean =>
  file === 'topology.ts' || file === 'topology.test.ts' || file === 'feed.ts' || file.startsWith('schemas')

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))

/** npm leaves out files whose names begin with a point. */
const nameOf = (file: string): string => file.replace(/^_/, '.')

/**
 * Writes a project from a template, or adds one to the project of a folder: nothing that is there is overwritten, and what its package.json says stays.
 *
 * Throws ConfigError: an unknown template, a name that npm takes for no package, files of a topology that are there already.
 */
export function createProject({ folder, template: chosen, tarballs }: ProjectOptions): CreatedProject {
  const template = templates[chosen]
  if (template === undefined) throw unknownTemplate(chosen)
  const name = packageName(folder)
  const sources = ['common', chosen].map(each => join(templateFolder, each))
  const files = sources.flatMap(source => filesOf(source).map(file => ({ from: join(source, file), to: nameOf(file) })))
  const isThere = ({ to }: { readonly to: string }): boolean => existsSync(join(folder, to))
  const conflicts = files.filter(file => isOwn(file.to) && isThere(file)).map(({ to }) => to)
  if (conflicts.length > 0)
    throw new ConfigError(`${folder} has ${conflicts.join(', ')} already: name another folder, nothing was written`)
  const kept = files.filter(isThere).map(({ to }) => to)
  const manifest = join(folder, 'package.json')
  const former = existsSync(manifest) ? readManifest(manifest) : undefined
  const text = `${JSON.stringify(projectManifest(name, template, { tarballs, former }), undefined, 2)}\n`
  for (const { from, to } of files)
    if (!kept.includes(to)) write(join(folder, to), filled(readFileSync(from, 'utf8'), name, template))
  write(manifest, text)
  return { name, kept }
}

const filled = (text: string, name: string, { about, sources }: Template): string =>
  text.replaceAll('{name}', name).replaceAll('{about}', about).replaceAll('{sources}', sources.join(' '))

function unknownTemplate(given: string): ConfigError {
  const names = Object.keys(templates)
  const meant = nearest(given, names)
  const hint = meant === undefined ? `take one of ${names.join(', ')}` : `did you mean ${meant}?`
  return new ConfigError(`there is no template "${given}": ${hint}`)
}

function packageName(folder: string): string {
  const name = basename(resolve(folder)).toLowerCase()
  if (/^[a-z0-9~-][a-z0-9._~-]*$/.test(name)) return name
  throw new ConfigError(`"${basename(resolve(folder))}" can't be a package's name: take a to z, digits, - and _`)
}

function readManifest(file: string): ProjectManifest {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${file} is no JSON: ${(cause as Error).message}`, { cause })
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
