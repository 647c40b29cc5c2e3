// Keeps what V8 has made of the modules of one entry, so that its next start compiles nothing: a third of the time that it takes.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join, resolve } = require('node:path')
const v8 = require('node:v8')
const vm = require('node:vm')

const folder = join(resolve(__dirname, '..'), 'node_modules/.cache/weir')
const sumOf = content => createHash('sha1').update(content).digest('base64')
const sumLength = sumOf('').length
const importing = /\bimport\s*\(/

/** The scripts that were kept, by file: `{ sum, data }`; none where there is nothing to read, or something else: V8 doesn't look at what it is given. */
function readKept(place) {
  try {
    const file = readFileSync(place)
    const bytes = file.subarray(sumLength)
    if (sumOf(bytes) !== file.toString('latin1', 0, sumLength)) return new Map()
    const head = 4 + bytes.readUInt32LE(0)
    return new Map(
      JSON.parse(bytes.toString('utf8', 4, head)).map(([name, sum, start, end]) => [
        name,
        { sum, data: bytes.subarray(head + start, head + end) },
      ]),
    )
  } catch {
    return new Map()
  }
}

/** `rest`: what was kept of files that this process had no use for. */
function write(place, scripts, rest) {
  const index = []
  const parts = []
  let length = 0
  const add = (file, sum, data) => {
    index.push([file, sum, length, (length += data.length)])
    parts.push(data)
  }
  for (const [file, { sum, data }] of rest) add(file, sum, data)
  for (const [file, { script, sum }] of scripts) add(file, sum, script.createCachedData())
  const head = Buffer.from(JSON.stringify(index))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(head.length)
  mkdirSync(folder, { recursive: true })
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

/** From now on modules are compiled from what the last process of this entry has kept; what it lacked is kept as this one exits. */
exports.useCodeCache = entry => {
  const place = join(
    folder,
    `${createHash('sha1').update(`${process.version} ${v8.cachedDataVersionTag()} ${entry}`).digest('hex')}.bin`,
  )
  const kept = readKept(place)
  const scripts = new Map()
  let isNew = false
  const compile = Module.prototype._compile
  Module.prototype._compile = function (content, file, ...rest) {
    // Code that was kept can't import: V8 forgets who would do it for the script.
    if (importing.test(content)) return compile.call(this, content, file, ...rest)
    const sum = sumOf(content)
    const known = kept.get(file)
    const cachedData = known?.sum === sum ? known.data : undefined
    let script
    try {
      script = new vm.Script(Module.wrap(content), { filename: file, cachedData })
    } catch {
      // Node says what is wrong with it.
      return compile.call(this, content, file, ...rest)
    }
    kept.delete(file)
    if (cachedData === undefined || script.cachedDataRejected) isNew = true
    scripts.set(file, { script, sum })
    return script.runInThisContext().call(this.exports, this.exports, requireOf(this), this, file, dirname(file))
  }
  process.on('exit', () => {
    if (!isNew) return
    try {
      // V8 refuses what was made under other flags than those that it starts with.
      v8.setFlagsFromString('--allocation-site-pretenuring')
      write(place, scripts, kept)
    } catch {
      // This user may not write here, or the disk is full: the next start takes a little longer.
      rmSync(`${place}.${process.pid}`, { force: true })
    }
  })
}
