import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build, type Metafile, type OutputFile } from 'esbuild'
import { StreamError } from '../../errors'

/** A file of the page, as a browser gets it. */
export interface BuiltFile {
  /** `/index.html`, `/assets/page-3F2A91BC.js`: what is in it decides its name. */
  readonly path: string
  readonly body: Uint8Array
}

/** Where the page's sources are, and what each entry is for. */
const sources = resolve(__dirname, '../page')
const entries = { early: 'shell/early.ts', page: 'main.tsx', style: 'styles/main.css' }

/**
 * Compiles the page: modules, styles and the document that loads them. Views are modules of their own, loaded when they are first opened; those of
 * the view that an address names are asked for with the page's own.
 *
 * @throws StreamError when a source doesn't compile, with the compiler's words.
 */
export async function buildPage(): Promise<readonly BuiltFile[]> {
  const { files: modules, imports } = await bundled(['page', 'style'], true)
  const own = importedBy(imports, modules.find(({ path }) => /^\/assets\/page-.*\.js$/.test(path))?.path ?? '')
  const viewModules = JSON.stringify(modulesOfViews(imports, own))
  const files = [...modules, ...(await bundled(['early'], false, { viewModules })).files]
  const named = (name: string, ending: string) =>
    files.find(({ path }) => path.startsWith(`/assets/${name}-`) && path.endsWith(ending))?.path ?? ''
  const document = documentOf({
    early: named('early', '.js'),
    style: named('style', '.css'),
    page: named('page', '.js'),
    others: own.slice(1),
  })
  const icon = await readFile(resolve(sources, 'icon.svg'))
  return [{ path: '/index.html', body: Buffer.from(document) }, { path: '/icon.svg', body: icon }, ...files]
}

interface Bundle {
  readonly files: BuiltFile[]
  /** What each module loads, by its path. */
  readonly imports: ReadonlyMap<string, Metafile['outputs'][string]>
}

async function bundled(
  names: readonly (keyof typeof entries)[],
  asModules: boolean,
  define: Readonly<Record<string, string>> = {},
): Promise<Bundle> {
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: sources,
      entryPoints: Object.fromEntries(names.map(name => [name, entries[name]])),
      entryNames: '[name]-[hash]',
      chunkNames: '[name]-[hash]',
      outdir: 'assets',
      write: false,
      bundle: true,
      minify: true,
      metafile: true,
      define,
      splitting: asModules,
      format: asModules ? 'esm' : 'iife',
      target: ['es2022'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'none',
      logLevel: 'silent',
    })
    const imports = new Map(Object.entries(metafile.outputs).map(([path, output]) => [`/${path}`, output]))
    return { files: outputFiles.map(fileOf), imports }
  } catch (error) {
    throw new StreamError(`the page's sources in ${sources} don't compile: ${String(error)}`)
  }
}

/** A module and all that it imports at once, itself first. */
function importedBy(imports: Bundle['imports'], path: string, known: string[] = []): string[] {
  if (known.includes(path)) return known
  known.push(path)
  for (const each of imports.get(path)?.imports ?? [])
    if (each.kind === 'import-statement') importedBy(imports, `/${each.path}`, known)
  return known
}

/** The modules of each view beside the page's `own`, by the view's name: `cluster/topics-page.tsx` is that of `topics`. */
function modulesOfViews(
  imports: Bundle['imports'],
  own: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const views = [...imports].flatMap(([path, { entryPoint = '' }]) => {
    const name = /([\w-]+)-page\.tsx$/.exec(entryPoint)?.[1]
    return name === undefined ? [] : [[name, importedBy(imports, path).filter(each => !own.includes(each))] as const]
  })
  return Object.fromEntries(views.map(([name, paths]) => [name, paths.map(nameOf)]))
}

/** Its name alone: each is told to every page. */
const nameOf = (path: string) => path.slice('/assets/'.length, -'.js'.length)

const fileOf = ({ path, contents }: OutputFile): BuiltFile => ({
  path: `/assets/${path.slice(resolve(sources, 'assets').length + 1).replaceAll('\\', '/')}`,
  body: contents,
})

interface Loaded {
  readonly early: string
  readonly style: string
  readonly page: string
  /** The modules that the page's own imports. */
  readonly others: readonly string[]
}

/** Nothing in it is inline, so that the strictest policy lets it through: `script-src 'self'; style-src 'self'`. */
function documentOf({ early, style, page, others }: Loaded): string {
  const preloads = others.map(path => `<link rel="modulepreload" href="${path}">\n`)
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
${preloads.join('')}<script type="module" src="${page}"></script>
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
