import { ConfigError } from '../../errors'

/**
 * The local stack is a package of its own, so that who runs weir against services elsewhere installs neither Postgres nor brokers.
 * @throws ConfigError where it isn't installed
 */
export function localStack(): typeof import('../../stack') {
  try {
    return require('#stack') as typeof import('../../stack')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    throw new ConfigError('the local services are a package of their own: npm install --save-dev weir-stack')
  }
}
