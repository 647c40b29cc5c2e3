import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../../errors'

/** From a checkout weir itself runs as TypeScript, by a loader of its own that compiles whatever is required. */
const isCheckout = __filename.endsWith('.ts')
const isTypeScript = (file: string): boolean => /^\.[cm]?ts$/.test(extname(file))

/**
 * Loads a module of somebody's project as that project would: ESM or CommonJS, JavaScript or TypeScript. TypeScript takes `tsx` where it is
 * installed, which knows `.js` specifiers and the paths of tsconfig.json; Node's own stripping of types otherwise, from 22.18 on.
 * @throws ConfigError where nothing here reads TypeScript
 */
export async function loadModule(file: string): Promise<unknown> {
  if (isCheckout) return require(file)
  if (isTypeScript(file)) await readTypeScript(file)
  return import(pathToFileURL(file).href)
}

let isReading = false

/** Teaches this process to load TypeScript, once. */
async function readTypeScript(file: string): Promise<void> {
  if (isReading) return
  const found = [file, join(process.cwd(), 'index.js'), __filename].flatMap(from => {
    try {
      const require = createRequire(from)
      return [{ require, path: require.resolve('tsx/esm/api') }]
    } catch {
      return []
    }
  })[0]
  if (found === undefined) {
    // Unknown to the types of Node 20.
    if ('typescript' in process.features && process.features.typescript) return
    throw new ConfigError(
      `${file} is TypeScript, which Node ${process.versions.node} doesn't read: npm install tsx, or compile it and name the JavaScript`,
    )
  }
  // As ESM: its CommonJS form doesn't find its own loader.
  const { register } = (await import(pathToFileURL(found.path.replace(/\.cjs$/, '.mjs')).href)) as { register(): void }
  const { register: registerCommonJs } = found.require('tsx/cjs/api') as { register(): void }
  register()
  registerCommonJs()
  process.setSourceMapsEnabled(true)
  isReading = true
}
