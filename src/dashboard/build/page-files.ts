import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { BuiltFile } from './build-page'

/** Where an installed package has the compiled page; a checkout has its sources instead. */
const compiled = resolve(__dirname, '../page/compiled')

/**
 * The page's files. In a checkout they are compiled anew, which takes a tenth of a second, so that what is served is what the sources say; in an
 * installed package they lie ready.
 *
 * @throws StreamError when a source doesn't compile.
 */
export async function pageFiles(): Promise<readonly BuiltFile[]> {
  if (existsSync(compiled)) return readPage(compiled)
  // Loaded where there are sources: an installed package has no compiler.
  const { buildPage } = require('./build-page') as typeof import('./build-page')
  return buildPage()
}

/** Writes the page into a folder, for a package or any server of files. */
export async function writePage(files: readonly BuiltFile[], folder: string): Promise<void> {
  for (const { path, body } of files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, body)
  }
}

/** What `writePage` has written. */
export async function readPage(folder: string): Promise<readonly BuiltFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Promise.all(
    found.map(async file => ({ path: file.slice(folder.length).split(sep).join('/'), body: await readFile(file) })),
  )
}
