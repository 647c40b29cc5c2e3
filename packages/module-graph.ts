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

/** What is reachable from files of a folder, as far as it lies in it. */
export function graphOf(
  folder: string,
  entries: readonly string[],
  extension: '.js' | '.d.ts',
  without: readonly string[] = [],
): Graph {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file) || without.includes(file)) return
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

function fileAt(folder: string, path: string, extension: string): string {
  const found = [`${path}${extension}`, join(path, `index${extension}`)].find(each => isFile(join(folder, each)))
  if (found === undefined) throw new Error(`${relative('.', join(folder, path))} is imported and was not compiled`)
  return found
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()
