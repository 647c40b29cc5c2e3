// Lets Node require TypeScript: files are compiled by esbuild and kept in node_modules/.cache until they change. Where this
// user may not write (a container's image, another's checkout), they are compiled at every start instead.
// Function names are left alone (no keep-names helper), since that helper would cost time in every hot closure.
const { createHash } = require('node:crypto')
const {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs')
const Module = require('node:module')
const { dirname, join, relative, resolve, sep } = require('node:path')

const root = resolve(__dirname, '..')
const cache = join(root, 'node_modules/.cache/weir')
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
/** Where the source map of a loaded file is, or the map itself once a stack trace has asked for it. */
const maps = new Map()

function keep(kept, code) {
  try {
    mkdirSync(cache, { recursive: true })
    // Written aside first: another process may be reading the same file.
    const part = `${kept}.${process.pid}`
    writeFileSync(part, code)
    renameSync(part, kept)
  } catch {
    writable = false
    rmSync(`${kept}.${process.pid}`, { force: true })
  }
}

function keptAt(file) {
  version ??= require('esbuild/package.json').version
  const { mtimeMs, size } = statSync(file)
  const made = `${version} external ${plainExports} ${file} ${mtimeMs} ${size}`
  return join(cache, `${createHash('sha1').update(made).digest('hex')}.js`)
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
    sourcemap: 'external',
    sourcesContent: false,
    footer: { js: plainExports },
    logLevel: 'silent',
  })
  const codes = new Map(outputFiles.map(({ path, text }) => [path, text]))
  files.forEach((file, i) => {
    const name = file.replace(/ts$/, 'js')
    const made = [
      // The code last: who finds it finds the other one, too.
      [`${places[i]}.map`, codes.get(`${name}.map`)],
      [places[i], codes.get(name)],
    ]
    for (const [place, text] of made) {
      if (writable) keep(place, text)
      if (!writable) unkept.set(place, text)
    }
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
  maps.set(file, `${kept}.map`)
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

/** Of a file that the code cache has loaded; undefined where it is gone by now, and for code of no file: of V8's own, or made at run time. */
function placeOf(file) {
  if (!file?.endsWith('.ts') || maps.has(file)) return undefined
  return existsSync(file) ? `${keptAt(file)}.map` : undefined
}

/** Node reads every source map as its file is loaded, a tenth of a start; here they are read for those who look at a stack trace. */
function mapOf(file) {
  const known = maps.get(file) ?? placeOf(file)
  if (typeof known !== 'string') return known
  const text = read(known)
  const map = text === undefined ? undefined : new Module.SourceMap(JSON.parse(text))
  maps.set(file, map)
  return map
}

/** A line of a stack trace, in the places of the source. */
function placed(site) {
  const [file, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()]
  const entry = line === null ? undefined : mapOf(file)?.findEntry(line - 1, column - 1)
  if (entry?.originalLine === undefined) return String(site)
  return String(site).replace(`:${line}:${column}`, `:${entry.originalLine + 1}:${entry.originalColumn + 1}`)
}

Error.prepareStackTrace = (error, sites) => {
  let head = 'Error'
  try {
    head = Error.prototype.toString.call(error)
  } catch {
    // It has no words of its own.
  }
  return [head, ...sites.map(site => `    at ${placed(site)}`)].join('\n')
}
