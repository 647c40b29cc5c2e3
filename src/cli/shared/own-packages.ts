import { ConfigError } from '../../errors'

/** What a package of weir's gives, by `load`, which requires it; undefined where it isn't installed. */
function ifInstalled<T>(load: () => T): T | undefined {
  try {
    return load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    return undefined
  }
}

/** The same. @throws ConfigError where it isn't installed */
function installed<T>(what: string, name: string, load: () => T): T {
  const found = ifInstalled(load)
  if (found === undefined) throw new ConfigError(`${what} a package of its own: npm install --save-dev ${name}`)
  return found
}

/** What makes projects; undefined where it isn't installed, as usual: npm fetches it for the one time. */
export const projectCreator = () => ifInstalled(() => require('#create') as typeof import('../../create/create'))

/** The local stack: who runs weir against services elsewhere installs neither Postgres nor brokers. */
export const localStack = (): typeof import('../../stack') =>
  installed('the local services are', 'weir-stack', () => require('#stack') as typeof import('../../stack'))

/** The page and its server: a worker in production needs neither. */
export const dashboard = (): typeof import('../../dashboard/dashboard') =>
  installed(
    'the dashboard is',
    'weir-dashboard',
    () => require('#dashboard') as typeof import('../../dashboard/dashboard'),
  )
