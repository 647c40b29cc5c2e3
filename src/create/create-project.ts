import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { ConfigError, NotFoundError } from '../errors'
import { nearest } from '../nearest'
import { ownPackages, type ProjectManifest, projectManifest, tarballOf } from './project-manifest'
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
  /** Takes back what was written. */
  readonly undo: () => void
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
 * Throws ConfigError: an unknown template, a name that npm takes for no package, files of a topology that are there already; NotFoundError: a folder
 * without the tarballs. Nothing is written then.
 */
export function createProject({ folder, template: chosen, tarballs }: ProjectOptions): CreatedProject {
  const template = templates[chosen]
  if (template === undefined) throw unknownTemplate(chosen)
  const name = packageName(folder)
  if (tarballs !== undefined) requireTarballs(tarballs)
  const sources = ['common', chosen].map(each => join(templateFolder, each))
  const files = sources.flatMap(source => filesOf(source).map(file => ({ from: join(source, file), to: nameOf(file) })))
  const isThere = ({ to }: { readonly to: string }): boolean => existsSync(join(folder, to))
  const conflicts = files.filter(file => isOwn(file.to) && isThere(file)).map(({ to }) => to)
  if (conflicts.length > 0)
    throw new ConfigError(`${folder} has ${conflicts.join(', ')} already: name another folder, nothing was written`)
  const kept = files.filter(isThere).map(({ to }) => to)
  const manifest = join(folder, 'package.json')
  const formerText = existsSync(manifest) ? readFileSync(manifest, 'utf8') : undefined
  const former = formerText === undefined ? undefined : readManifest(manifest, formerText)
  const text = `${JSON.stringify(projectManifest(name, template, { tarballs, former }), undefined, 2)}\n`
  const fresh = files.filter(({ to }) => !kept.includes(to))
  const made = [...new Set([...fresh.map(({ to }) => join(folder, to)), manifest].flatMap(foldersFor))].sort(
    deepestFirst,
  )
  for (const { from, to } of fresh) write(join(folder, to), filled(readFileSync(from, 'utf8'), name, template))
  write(manifest, text)
  const undo = () => {
    for (const { to } of fresh) rmSync(join(folder, to), { force: true })
    if (formerText === undefined) rmSync(manifest, { force: true })
    else writeFileSync(manifest, formerText)
    for (const each of made) if (existsSync(each) && readdirSync(each).length === 0) rmdirSync(each)
  }
  return { name, kept, undo }
}

function requireTarballs(folder: string): void {
  const missing = ownPackages.map(each => tarballOf(folder, each)).filter(file => !existsSync(file))
  if (missing.length > 0)
    throw new NotFoundError(
      `${folder} has no ${missing.map(file => basename(file)).join(', ')}, which \`npm run pack\` makes in .weir/packages of a clone: nothing was written`,
    )
}

const deepestFirst = (a: string, b: string) => b.length - a.length

/** Folders that have to be made for a file. */
function foldersFor(path: string): string[] {
  const folder = dirname(path)
  return existsSync(folder) ? [] : [folder, ...foldersFor(folder)]
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

function readManifest(file: string, text: string): ProjectManifest {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError(`${file} is no JSON: ${(cause as Error).message}`, { cause })
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
