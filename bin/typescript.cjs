// Lets Node require TypeScript: each file is compiled once by esbuild and kept in node_modules/.cache until it changes. Where
// this user may not write (a container's image, another's checkout), it is compiled at every start instead.
// Function names are left alone (no keep-names helper), since that helper would cost time in every hot closure.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { join, resolve } = require('node:path')

const cache = resolve(__dirname, '../node_modules/.cache/weir')
process.setSourceMapsEnabled(true)

let version
let esbuild
let writable = true

function keep(kept, code) {
  if (!writable) return
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

function compiled(file) {
  version ??= require('esbuild/package.json').version
  const { mtimeMs, size } = statSync(file)
  const kept = join(cache, `${createHash('sha1').update(`${version} ${file} ${mtimeMs} ${size}`).digest('hex')}.js`)
  try {
    return readFileSync(kept, 'utf8')
  } catch {
    // Not compiled yet, or changed since.
  }
  esbuild ??= require('esbuild')
  const { code } = esbuild.transformSync(readFileSync(file, 'utf8'), {
    loader: 'ts',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    sourcefile: file,
  })
  keep(kept, code)
  return code
}

Module._extensions['.ts'] = (module, file) => module._compile(compiled(file), file)
