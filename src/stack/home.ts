import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Installed in somebody's project, rather than a checkout of weir. */
export const isInstalled = __dirname.split(/[/\\]/).includes('node_modules')

/** The project that the working directory is in: the nearest folder with a package.json, or that directory itself. */
function projectFolder(from = process.cwd()): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (dirname(folder) === folder) return from
  }
}

/** How a person calls the program of the stack there. */
export const stackCommand = isInstalled ? 'npx weir stack' : 'npm run stack --'

const root = (): string => (isInstalled ? projectFolder() : resolve(__dirname, '..', '..'))

/** Where the local stack keeps its data, logs and `stack.json`: `WEIR_HOME`, else `.weir` in the project, or in the checkout. */
export const stackHome = (home: string | undefined = process.env.WEIR_HOME): string =>
  resolve(home || join(root(), '.weir'))

/** Downloads outlive a reset and serve all homes: `WEIR_CACHE`, else the user's cache, or `.weir/cache` in a checkout. */
export const stackCache = (): string => resolve(process.env.WEIR_CACHE || (isInstalled ? userCache() : ownCache()))

const ownCache = () => join(root(), '.weir', 'cache')
const userCache = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'weir')

export const logsOf = (home: string): string => join(home, 'logs')
export const logOf = (home: string, service: string): string => join(logsOf(home), `${service}.log`)

/** Certificates and passwords of a home whose services want them. */
export const secureOf = (home: string): string => join(home, 'secure')
export const isSecured = (home: string): boolean => existsSync(secureOf(home))
