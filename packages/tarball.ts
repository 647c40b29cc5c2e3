import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { gzipAsync } from '@gfx/zopfli'
import { type Manifest, out } from './build'

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))

/** The compiler's declarations are another kind of text than TypeScript. */
const kindOf = (file: string): string => (file.endsWith('.d.ts') ? '.d.ts' : extname(file))

/** Kind by kind, folder by folder, the small ones first: compression looks back 32 kB, and what is alike should lie within them. */
function ordered(folder: string): string[] {
  const files = filesBelow(folder).map(file => {
    const isMapped = existsSync(join(folder, `${file}.map`))
    return { file, kind: `${kindOf(file)}${isMapped ? ' with lines' : ''}`, size: statSync(join(folder, file)).size }
  })
  return files
    .sort(
      (a, b) =>
        compared(a.kind, b.kind) ||
        compared(dirname(a.file), dirname(b.file)) ||
        a.size - b.size ||
        compared(a.file, b.file),
    )
    .map(({ file }) => file)
}

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Makes a package's tarball as `npm pack` would, with files of one kind side by side and compressed by Zopfli, which makes gzip's format smaller than
 * gzip does: an eighth less to download. @returns its path
 */
export async function tarball(folder: string): Promise<string> {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const file = join(out, `${name}-${version}.tgz`)
  const list = join(out, `${name}.files`)
  // The manifest comes first, where those look for it who read no further.
  const sorted = ordered(folder).filter(each => each !== 'package.json')
  writeFileSync(list, ['package.json', ...sorted].map(each => `package/${each}\n`).join(''))
  const staged = join(out, 'package')
  rmSync(staged, { recursive: true, force: true })
  execFileSync('cp', ['-R', folder, staged])
  // As npm's: the same files make the same tarball, whenever and by whomever it is made.
  const alike = ['--mtime=1985-10-26 08:15Z', '--owner=0', '--group=0', '--numeric-owner', '--mode=a+rX,u+w,go-w']
  const args = ['--format=ustar', ...alike, '-cf', '-', '-C', out, '-T', list]
  const archive = execFileSync('tar', args, { maxBuffer: 256 * 1024 * 1024 })
  // More iterations than these give nothing. Blocks as many as are of use.
  writeFileSync(file, await gzipAsync(archive, { numiterations: 15, blocksplittingmax: 0 }))
  for (const each of [staged, list]) rmSync(each, { recursive: true })
  return file
}
