import type { DatabaseError } from 'pg'
import { type ErrorDetail, SinkError, UnavailableError } from '../../errors'

/** The address without user and password. */
export function addressOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl)
  return `${host}${pathname}`
}

function codeOf(error: unknown): string | undefined {
  const { code } = error as Partial<DatabaseError>
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

function reasonOf(error: unknown): string {
  const { message, code, detail } = error as Partial<DatabaseError>
  return [message || code || String(error), detail].filter(Boolean).join(': ')
}

/** True for what trying again can't mend: bad data (22), broken constraints (23), missing or unlike tables and rights (42). */
function isFatal(code: string | undefined): boolean {
  return code !== undefined && /^(22|23|42)/.test(code)
}

function advice(code: string | undefined): string {
  if (code === '42501') return '; grant the right to the user of the URL'
  return code?.startsWith('42') ? '; `weir migrate` makes the tables as the topology needs them' : ''
}

/** What a failed statement means for the engine. */
export function sinkError(error: unknown, databaseUrl: string, detail: ErrorDetail = {}): SinkError {
  if (error instanceof SinkError) return error
  const code = codeOf(error)
  const message = `Postgres ${addressOf(databaseUrl)}: ${reasonOf(error)}${advice(code)}`
  return new SinkError(message, { ...detail, cause: error, fatal: isFatal(code) })
}

/** The same while connecting and opening: everything that may pass is an UnavailableError. */
export function openError(error: unknown, databaseUrl: string): Error {
  const mapped = sinkError(error, databaseUrl)
  return mapped.fatal ? mapped : new UnavailableError(mapped.message, { cause: error })
}
