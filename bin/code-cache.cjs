// Keeps what the modules of one entry are, in one file: where each `require` leads, their text, and what V8 has made of it, so that the entry's next
// start looks for nothing and compiles nothing: half of the time that it takes.
const { createHash } = require('node:crypto')
const {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs')
const Module = require('node:module')
const { dirname, isAbsolute, join, resolve, sep } = require('node:path')
const v8 = require('node:v8')
const vm = require('node:vm')
const zlib = require('node:zlib')

const root = resolve(__dirname, '..')
const [above, below] = root.split(`${sep}node_modules${sep}`, 2)
/** Of a checkout, or of the project that has weir installed. */
const packages = join(below === undefined ? root : above, 'node_modules')
const folder = join(packages, '.cache/weir')
const sumLength = 8
const importing = /\bimport\s*\(/
/** Modules of others, say a user's topology, are left to Node. */
const own = [join(root, 'src') + sep, packages + sep]
const isOwn = file => own.some(start => file.startsWith(start))
/** Of the package these have source maps, which Node reads as it compiles them. */
const isMapped = (file, text) => file.startsWith(join(root, 'dist')) && text.includes('//# sourceMappingURL=')

function sumOf(bytes) {
  const sum = zlib.crc32?.(bytes).toString(16) ?? createHash('sha1').update(bytes).digest('hex')
  return sum.padStart(sumLength, '0').slice(0, sumLength)
}

/** Says which file it is that lies there; undefined: none. */
function stampOf(file) {
  const found = statSync(file, { throwIfNoEntry: false })
  return found && `${found.mtimeMs} ${found.size}`
}

/** What npm, pnpm or yarn has installed: another version of a package may lie elsewhere. */
const installed = () =>
  ['.package-lock.json', '.modules.yaml', '.yarn-state.yml', '.yarn-integrity']
    .map(name => stampOf(join(packages, name)))
    .join()

const nothing = () => ({ files: new Map(), ways: new Map() })

/** `files`: `{ stamp, text, data }` by name; `ways`: where a request from a folder leads. Nothing where there is nothing to read, or something else: V8 doesn't look at what it is given. */
function readKept(place) {
  try {
    const file = readFileSync(place)
    const bytes = file.subarray(sumLength)
    if (sumOf(bytes) !== file.toString('latin1', 0, sumLength)) return nothing()
    let at = 4 + bytes.readUInt32LE(0)
    const index = JSON.parse(bytes.toString('utf8', 4, at))
    if (index.installed !== installed()) return nothing()
    const part = length => bytes.subarray(at, (at += length))
    const files = index.files.map(([name, stamp, text, data]) => [
      name,
      { stamp, ...(data > 0 && { text: part(text), data: part(data) }) },
    ])
    const ways = index.ways.map(([from, request, file]) => [`${from}\0${request}`, files[file][0]])
    return { files: new Map(files), ways: new Map(ways) }
  } catch {
    return nothing()
  }
}

function write(place, { files, ways }) {
  const names = [...files.keys()]
  const numbers = new Map(names.map((name, i) => [name, i]))
  const index = { installed: installed(), files: [], ways: [] }
  const parts = []
  for (const [name, { stamp, text = '', data = '' }] of files) {
    const both = [text, data].map(each => Buffer.from(each))
    index.files.push([name, stamp, both[0].length, both[1].length])
    parts.push(...both)
  }
  for (const [way, file] of ways) if (numbers.has(file)) index.ways.push([...way.split('\0'), numbers.get(file)])
  const head = Buffer.from(JSON.stringify(index))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(head.length)
  // Written aside first: another process may be reading the same file.
  const bytes = Buffer.concat([size, head, ...parts])
  writeFileSync(`${place}.${process.pid}`, Buffer.concat([Buffer.from(sumOf(bytes)), bytes]))
  renameSync(`${place}.${process.pid}`, place)
}

function requireOf(module) {
  const require = id => module.require(id)
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options)
  require.resolve.paths = request => Module._resolveLookupPaths(request, module)
  require.main = process.mainModule
  require.extensions = Module._extensions
  require.cache = Module._cache
  return require
}

/** The modules of one entry as its former processes have kept them, and what this one adds. */
class Modules {
  /** Stamps of files that this process has looked at: once is enough. */
  stamps = new Map()
  scripts = new Map()
  isNew = false

  constructor(kept) {
    this.kept = kept
  }

  stamp(file) {
    if (!this.stamps.has(file)) this.stamps.set(file, stampOf(file))
    return this.stamps.get(file)
  }

  /** Of a file that is still what was kept. */
  known(file) {
    const found = this.kept.files.get(file)
    return found !== undefined && found.stamp === this.stamp(file) ? found : undefined
  }

  way(from, request, find) {
    const way = `${from}\0${request}`
    const before = this.kept.ways.get(way)
    if (before !== undefined && this.known(before) !== undefined) return before
    const file = find()
    if (!isAbsolute(file) || !isOwn(file)) return file
    if (this.known(file) === undefined) this.kept.files.set(file, { stamp: this.stamp(file) })
    this.kept.ways.set(way, file)
    this.isNew = true
    return file
  }

  /** Throws where V8 can't make anything of the text. */
  script(file, text, cachedData) {
    const script = new vm.Script(Module.wrap(text), { filename: file, cachedData })
    if (cachedData === undefined || script.cachedDataRejected) this.isNew = true
    this.scripts.set(file, script)
    return script
  }

  /** A text that was read after the file was looked at; another loader, say tsx's, may have read it again. */
  learn(file, text) {
    const known = this.known(file)
    if (known?.data !== undefined && known.text.toString() === text) return this.script(file, text, known.data)
    const script = this.script(file, text)
    this.kept.files.set(file, { stamp: this.stamp(file), text })
    return script
  }

  keep(place) {
    if (!this.isNew) return
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    const { files } = this.kept
    for (const [file, found] of files) {
      const script = this.scripts.get(file)
      // The others: this process had no use for them.
      if (script !== undefined) found.data = script.createCachedData()
      else if (stampOf(file) !== found.stamp) files.delete(file)
    }
    write(place, this.kept)
  }
}

function run(script, module, file) {
  return script.runInThisContext().call(module.exports, module.exports, requireOf(module), module, file, dirname(file))
}

/** From now on modules are found and compiled as the last process of this entry has kept them; what it lacked is kept as this one exits. */
exports.useCodeCache = entry => {
  const made = `${process.version} ${v8.cachedDataVersionTag()} ${root} ${entry}`
  const place = join(folder, `${createHash('sha1').update(made).digest('hex')}.bin`)
  const modules = new Modules(readKept(place))

  const find = Module._resolveFilename
  Module._resolveFilename = function (request, parent, isMain, options) {
    const search = () => find.call(this, request, parent, isMain, options)
    if (options !== undefined || !parent?.filename || !isOwn(parent.filename)) return search()
    return modules.way(parent.path, request, search)
  }

  const compile = Module.prototype._compile
  Module.prototype._compile = function (text, file, ...rest) {
    // Code that was kept can't import: V8 forgets who would do it for the script.
    if (!modules.stamps.has(file) || importing.test(text) || isMapped(file, text))
      return compile.call(this, text, file, ...rest)
    let script
    try {
      script = modules.learn(file, text)
    } catch {
      // Node says what is wrong with it.
      return compile.call(this, text, file, ...rest)
    }
    return run(script, this, file)
  }

  for (const extension of ['.js', '.ts']) {
    const load = Module._extensions[extension]
    if (load === undefined) continue
    Module._extensions[extension] = (module, file) => {
      if (!isOwn(file)) return load(module, file)
      const known = modules.known(file)
      if (known?.data === undefined) return load(module, file)
      return run(modules.script(file, known.text.toString(), known.data), module, file)
    }
  }

  process.on('exit', () => {
    try {
      // V8 refuses what was made under other flags than those that it starts with.
      v8.setFlagsFromString('--allocation-site-pretenuring')
      modules.keep(place)
    } catch {
      // This user may not write here, or the disk is full: the next start takes a little longer.
      rmSync(`${place}.${process.pid}`, { force: true })
    }
  })
}
