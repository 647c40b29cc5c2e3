import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build, type OutputFile } from 'esbuild'
import { StreamError } from '../../errors'

/** A file of the page, as a browser gets it. */
export interface BuiltFile {
  /** `/index.html`, `/assets/page-3F2A91BC.js`: what is in it decides its name. */
  readonly path: string
  readonly body: Uint8Array
}

/** Where the page's sources are, and what each entry is for. */
const sources = resolve(__dirname, '../page')
const entries = { early: 'shell/early-theme.ts', page: 'main.tsx', style: 'styles/main.css' }

/**
 * Compiles the page: modules, styles and the document that loads them. Views are modules of their own, loaded when they are first opened.
 *
 * @throws StreamError when a source doesn't compile, with the compiler's words.
 */
export async function buildPage(): Promise<readonly BuiltFile[]> {
  const files = [...(await bundled(['page', 'style'], true)), ...(await bundled(['early'], false))]
  const named = (name: string, ending: string) =>
    files.find(({ path }) => path.startsWith(`/assets/${name}-`) && path.endsWith(ending))?.path ?? ''
  const document = documentOf({
    early: named('early', '.js'),
    style: named('style', '.css'),
    page: named('page', '.js'),
  })
  const icon = await readFile(resolve(sources, 'icon.svg'))
  return [{ path: '/index.html', body: Buffer.from(document) }, { path: '/icon.svg', body: icon }, ...files]
}

async function bundled(names: readonly (keyof typeof entries)[], asModules: boolean): Promise<BuiltFile[]> {
  try {
    const { outputFiles } = await build({
      absWorkingDir: sources,
      entryPoints: Object.fromEntries(names.map(name => [name, entries[name]])),
      entryNames: '[name]-[hash]',
      chunkNames: '[name]-[hash]',
      outdir: 'assets',
      write: false,
      bundle: true,
      minify: true,
      splitting: asModules,
      format: asModules ? 'esm' : 'iife',
      target: ['es2022'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'none',
      logLevel: 'silent',
    })
    return outputFiles.map(fileOf)
  } catch (error) {
    throw new StreamError(`the page's sources in ${sources} don't compile: ${String(error)}`)
  }
}

const fileOf = ({ path, contents }: OutputFile): BuiltFile => ({
  path: `/assets/${path.slice(resolve(sources, 'assets').length + 1).replaceAll('\\', '/')}`,
  body: contents,
})

/** Nothing in it is inline, so that the strictest policy lets it through: `script-src 'self'; style-src 'self'`. */
function documentOf({ early, style, page }: { early: string; style: string; page: string }): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>weir</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<script src="${early}"></script>
<link rel="stylesheet" href="${style}">
<script type="module" src="${page}"></script>
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript; the same is told by <code>npx weir --help</code> and as JSON under /api.</noscript>
</body>
</html>
`
}

/** What a browser has to load, as it is sent. */
export interface PageSize {
  readonly path: string
  readonly bytes: number
  readonly brotliBytes: number
}

/** The sizes of a built page, each file compressed as a server sends it. */
export function sizesOf(files: readonly BuiltFile[]): readonly PageSize[] {
  return files.map(({ path, body }) => ({
    path,
    bytes: body.length,
    brotliBytes: brotliCompressSync(body).length,
  }))
}

/** The scripts of all views together, brotli, bytes: the page's promise is that they are no more than `mostScriptBytes`. */
export const scriptBytes = (sizes: readonly PageSize[]): number =>
  sizes.filter(({ path }) => path.endsWith('.js')).reduce((sum, { brotliBytes }) => sum + brotliBytes, 0)

export const mostScriptBytes = 60_000
