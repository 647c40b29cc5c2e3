import { ConfigError } from '../../errors'

/** What a package of weir's gives; `load` requires it. @throws ConfigError where it isn't installed */
function installed<T>(what: string, name: string, load: () => T): T {
  try {
    return load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    throw new ConfigError(`${what} a package of its own: npm install --save-dev ${name}`)
  }
}

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
