// Lets Node require TypeScript: files are compiled by esbuild and kept in node_modules/.cache until they change. Where this
// user may not write (a container's image, another's checkout), they are compiled at every start instead.
// Function names are left alone (no keep-names helper), since that helper would cost time in every hot closure.
const { createHash } = require('node:crypto')
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join, relative, resolve, sep } = require('node:path')

const root = resolve(__dirname, '..')
const cache = join(root, 'node_modules/.cache/weir')
process.setSourceMapsEnabled(true)
// Otherwise esbuild starts a service that holds memory as long as this process runs, and outlives it for a moment.
process.env.ESBUILD_WORKER_THREADS = '0'

let version
let writable = true
/**
 * A module's exports as plain properties once it has run: esbuild makes each a getter of a getter that looks its name up, which costs in every hot
 * call from another file. Who requires a module before it has run, in a circle, keeps the getters.
 */
const plainExports = 'module.exports = Object.defineProperty({ ...module.exports }, "__esModule", { value: true });'
/** Until one of them fails, files are compiled together. */
let together = true
/** What could not be kept, by its place in the cache. */
const unkept = new Map()

function keep(kept, code) {
  try {
    mkdirSync(cache, { recursive: true })
    // Written aside first: another process may be reading the same file.
    const part = `${kept}.${process.pid}`
    writeFileSync(part, code)
    renameSync(part, kept)
  } catch {
    writable = false
  }
}

function keptAt(file) {
  version ??= require('esbuild/package.json').version
  const { mtimeMs, size } = statSync(file)
  return join(
    cache,
    `${createHash('sha1').update(`${version} ${plainExports} ${file} ${mtimeMs} ${size}`).digest('hex')}.js`,
  )
}

/** Compiles files at or below a folder. */
function compile(files, folder) {
  // Looked at before the files are read: what changes meanwhile is compiled anew.
  const places = files.map(keptAt)
  const { outputFiles } = require('esbuild').buildSync({
    entryPoints: files,
    write: false,
    // Told of the same folder twice, it names what it makes of a file by the file's own path.
    outbase: folder,
    outdir: folder,
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    footer: { js: plainExports },
    logLevel: 'silent',
  })
  const codes = new Map(outputFiles.map(({ path, text }) => [path, text]))
  files.forEach((file, i) => {
    const code = codes.get(file.replace(/ts$/, 'js'))
    if (writable) keep(places[i], code)
    if (!writable) unkept.set(places[i], code)
  })
}

/** What is not compiled yet in the same top folder of this repository: who needs a file needs most of them. */
function beside(file) {
  const [top, ...below] = relative(root, file).split(sep)
  if (below.length === 0 || top === '..' || top === 'node_modules') return []
  return readdirSync(join(root, top), { recursive: true })
    .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map(name => join(root, top, name))
    .filter(each => !existsSync(keptAt(each)))
}

function read(kept) {
  if (unkept.has(kept)) return unkept.get(kept)
  try {
    return readFileSync(kept, 'utf8')
  } catch {
    return undefined
  }
}

function compiled(file) {
  const kept = keptAt(file)
  const code = read(kept)
  if (code !== undefined) return code
  const missing = together ? beside(file) : []
  try {
    if (missing.length > 0) compile(missing, root)
  } catch {
    // One that nobody asked for may be at fault, or be gone by now.
    together = false
  }
  if (read(kept) === undefined) compile([file], dirname(file))
  return read(kept)
}

Module._extensions['.ts'] = (module, file) => module._compile(compiled(file), file)
