import { ContentError, type ErrorDetail, StreamError, UnavailableError, UnfitError } from '../../errors'
import { tlsFault, urlSettings } from '../../tls/link-fault'
import { DatabaseError } from './pg'
import { type Blame, stateOf } from './sql-states'

/** How outages name Postgres. */
export const service = 'Postgres'

/** The address without user and password. */
export function addressOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl)
  return `${host}${pathname}`
}

/** The server's own words, and what its message names beside them. */
function wordsOf(error: unknown): string {
  if (!(error instanceof DatabaseError)) {
    const { message, code } = error as { readonly message?: string; readonly code?: string }
    return message || code || String(error)
  }
  const { message, detail, code, schema, table, column, dataType, constraint, where } = error
  const named = Object.entries({ schema, table, column, type: dataType, constraint, SQLSTATE: code })
  const names = named.flatMap(([what, name]) => (name === undefined ? [] : [`${what} ${name}`])).join(', ')
  // The lines of a trigger's function; those of a COPY only count rows.
  const inside = where === undefined || /^COPY /.test(where) ? [] : [`in ${where.split('\n', 1)[0]}`]
  return `${[message, detail, ...inside].filter(Boolean).join(': ')} (${names})`
}

const classes: Record<Blame, new (message: string, detail: ErrorDetail) => StreamError> = {
  content: ContentError,
  outage: UnavailableError,
  unfit: UnfitError,
}

/** The line of a COPY that an error is about, from 1: `COPY sensor_data, line 12, column temperature`. */
export function copyLine(error: unknown): number | undefined {
  const { where } = error as { readonly where?: string }
  const line = /^COPY .*, line (\d+)/m.exec(where ?? '')?.[1]
  return line === undefined ? undefined : Number(line)
}

/** Whether it is the rows' fault. */
export const isContent = (error: unknown): boolean =>
  error instanceof ContentError || (error instanceof DatabaseError && stateOf(error).blame === 'content')

/** What a failed statement, or connection, means for the engine (see `sql-states.ts`). */
export function postgresError(error: unknown, databaseUrl: string, detail: ErrorDetail = {}): StreamError {
  if (error instanceof StreamError) return error
  const fault = tlsFault(error, urlSettings('DATABASE_URL', new URL(databaseUrl).searchParams.has('sslcert')))
  if (fault !== undefined)
    return new UnfitError(`Postgres ${addressOf(databaseUrl)}: ${fault}`, { ...detail, cause: error, service })
  const code = error instanceof DatabaseError ? error.code : undefined
  const { blame, advice } = stateOf(error instanceof DatabaseError ? error : {})
  const role = decodeURIComponent(new URL(databaseUrl).username)
  const isPlain = code === '28000' && /no encryption|SSL off/.test((error as Error).message)
  const grant = code === '42501' && blame === 'unfit' ? `grant the right to role "${role}"` : undefined
  const way = isPlain ? 'it wants TLS: sslmode=verify-full in DATABASE_URL' : (advice ?? grant)
  const message = `Postgres ${addressOf(databaseUrl)}: ${wordsOf(error)}${way === undefined ? '' : `; ${way}`}`
  return new classes[blame](message, { ...detail, cause: error, service })
}
