import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { gzipAsync } from '@gfx/zopfli'
import { type Manifest, out } from './build'

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))

const byKind = (a: string, b: string): number => extname(a).localeCompare(extname(b)) || a.localeCompare(b)

/**
 * Makes a package's tarball as `npm pack` would, with files of one kind side by side and compressed by Zopfli, which makes gzip's format smaller than
 * gzip does: an eighth less to download. @returns its path
 */
export async function tarball(folder: string): Promise<string> {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const file = join(out, `${name}-${version}.tgz`)
  const list = join(out, `${name}.files`)
  // The manifest comes first, where those look for it who read no further.
  const sorted = filesBelow(folder)
    .filter(each => each !== 'package.json')
    .sort(byKind)
  writeFileSync(list, ['package.json', ...sorted].map(each => `package/${each}\n`).join(''))
  const staged = join(out, 'package')
  rmSync(staged, { recursive: true, force: true })
  execFileSync('cp', ['-R', folder, staged])
  const args = ['--format=ustar', '-cf', '-', '-C', out, '-T', list]
  const archive = execFileSync('tar', args, { maxBuffer: 256 * 1024 * 1024 })
  // More iterations take as long again each, for a thousandth. Blocks as many as are of use.
  writeFileSync(file, await gzipAsync(archive, { numiterations: 1, blocksplittingmax: 0 }))
  for (const each of [staged, list]) rmSync(each, { recursive: true })
  return file
}
