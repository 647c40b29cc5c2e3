import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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
