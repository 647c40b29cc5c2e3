import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './build'

/** TypeScript and SQL below a folder, from the root. */
export function sourcesOf(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter(name => /\.(ts|sql)$/.test(name))
    .map(name => `${folder}/${name}`)
    .sort()
}

/** Of words, and of the files among them. */
export function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha1')
  for (const part of parts) {
    const place = join(root, part)
    hash.update(part)
    if (part.endsWith('.ts') || part.endsWith('.sql')) hash.update(readFileSync(place))
  }
  return hash.digest('hex')
}

const imported = /(?:from|import|require\()\s*'(\.[^']+)'/g

/** A file and all that it imports, and that imports, from the root; types included. */
export function closureOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const targets = [...readFileSync(join(root, file), 'utf8').matchAll(imported)].flatMap(([, to = '']) => {
    const place = join(dirname(file), to)
    return [`${place}.ts`, `${place}/index.ts`].find(each => existsSync(join(root, each))) ?? []
  })
  return [file, ...targets.flatMap(target => closureOf(target, seen))]
}
