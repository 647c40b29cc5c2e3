import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export interface Graph {
  /** Files of the graph, from the folder. */
  readonly files: readonly string[]
  /** Names of the packages that they load. */
  readonly packages: readonly string[]
}

/** `load` and `program` stand for `require` in the command's table of verbs. */
const specifiers = {
  '.js': /\b(?:require|import|load|program)\(\s*['"]([^'"\n]+)['"]\s*\)/g,
  '.d.ts': /(?:\bfrom\s+|\bimport\(\s*|^import\s+)['"]([^'"\n]+)['"]/gm,
} as const

/** A comment may show how something is imported. */
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '')

const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/')

interface Limits {
  /** Modules that are left out. */
  readonly without?: readonly string[]
  /** A package whose files are required from it, and those files. */
  readonly base?: { readonly name: string; readonly files: readonly string[] }
}

/** The compiled module that one requires by a relative name. Throws an Error where there is none. */
export const moduleAt = (folder: string, file: string, name: string): string =>
  fileAt(folder, join(dirname(file), name), '.js')

/** The compiled modules of the folder that one requires. */
export const modulesRequired = (folder: string, file: string): string[] =>
  [...withoutComments(readFileSync(join(folder, file), 'utf8')).matchAll(specifiers['.js'])].flatMap(([, name = '']) =>
    name.startsWith('.') && !name.endsWith('.json') ? moduleAt(folder, file, name) : [],
  )

/** Loaded with the module itself: what is required within a function stands further in. */
const atOnce = /^(?:(?:const|var|let) .*)?\b(?:__exportStar|__importStar|__importDefault|require)\(.*$/gm

/** The packages that are loaded as soon as a module is, each with the module that names it. */
export function loadedAtOnce(folder: string, entry: string): Map<string, string> {
  const packages = new Map<string, string>()
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const lines = readFileSync(join(folder, file), 'utf8').match(atOnce) ?? []
    for (const [, name = ''] of lines.join('\n').matchAll(/\brequire\("([^"]+)"\)/g)) {
      if (!name.startsWith('.')) packages.set(packageOf(name), file)
      else if (!name.endsWith('.json')) visit(moduleAt(folder, file, name))
    }
  }
  visit(entry)
  return packages
}

/** What is reachable from files of a folder, as far as it lies in it. */
export function graphOf(
  folder: string,
  entries: readonly string[],
  extension: '.js' | '.d.ts',
  { without = [], base }: Limits = {},
): Graph {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file) || without.includes(file)) return
    if (base?.files.includes(file)) {
      packages.add(base.name)
      return
    }
    files.add(file)
    for (const [, name = ''] of withoutComments(readFileSync(join(folder, file), 'utf8')).matchAll(
      specifiers[extension],
    )) {
      if (!name.startsWith('.')) packages.add(packageOf(name))
      else if (!name.endsWith('.json')) visit(fileAt(folder, join(dirname(file), name), extension))
    }
  }
  for (const entry of entries) visit(entry)
  return { files: [...files].sort(), packages: [...packages].filter(name => !name.startsWith('node:')).sort() }
}

/** A module's text, where what the base package has is required from there. */
export function basedOn(base: NonNullable<Limits['base']>, folder: string, file: string, text: string): string {
  const extension = file.endsWith('.d.ts') ? '.d.ts' : '.js'
  return text.replace(specifiers[extension], (whole, name: string) => {
    if (!name.startsWith('.') || name.endsWith('.json')) return whole
    const target = fileAt(folder, join(dirname(file), name), extension)
    if (!base.files.includes(target)) return whole
    return whole.replace(name, `${base.name}/dist/${target.slice(0, -extension.length)}.js`)
  })
}

function fileAt(folder: string, path: string, extension: string): string {
  const found = [`${path}${extension}`, join(path, `index${extension}`)].find(each => isFile(join(folder, each)))
  if (found === undefined) throw new Error(`${relative('.', join(folder, path))} is imported and was not compiled`)
  return found
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()
