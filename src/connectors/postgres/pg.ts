import type * as Pg from 'pg'

/**
 * What is used of `pg`. As it is loaded it makes a fetch Response, to see whether it runs at Cloudflare, and Node 20 loads all of fetch for that, which
 * nothing here needs: a twelfth of the time that a worker's modules take. So for that moment there is none.
 */
function load(): typeof Pg {
  const fetchResponse = Object.getOwnPropertyDescriptor(globalThis, 'Response')
  if (fetchResponse?.configurable !== true) return require('pg')
  Object.defineProperty(globalThis, 'Response', { value: undefined, configurable: true })
  try {
    return require('pg')
  } finally {
    Object.defineProperty(globalThis, 'Response', fetchResponse)
  }
}

export const { Client, DatabaseError } = load()
export type Client = Pg.Client
export type DatabaseError = Pg.DatabaseError
