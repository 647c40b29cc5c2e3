import { join, resolve } from 'node:path'

const root = resolve(__dirname, '..', '..')

/** Where the local stack keeps its data, logs and `stack.json`: `WEIR_HOME`, else `.weir` in the checkout. */
export const stackHome = (home: string | undefined = process.env.WEIR_HOME): string =>
  resolve(home || join(root, '.weir'))

/** Downloads outlive a reset and are shared by all homes of a checkout: `WEIR_CACHE`, else `.weir/cache`. */
export const stackCache = (): string => resolve(process.env.WEIR_CACHE || join(root, '.weir', 'cache'))

export const logsOf = (home: string): string => join(home, 'logs')
export const logOf = (home: string, service: string): string => join(logsOf(home), `${service}.log`)
