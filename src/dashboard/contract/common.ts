import { z } from 'zod'

/** A list that nobody changes, as the functions of `src/ops` return it. */
export const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()

export const ms = z.number().describe('ms since 1970 by the clock of who wrote it')
export const count = z.number().describe('0 or more; as a double, exact up to 2^53')

/** `kafka` is the cluster, `registry` the schema registry; `vitals` are what applications report about themselves, through Kafka. */
export const service = z.enum(['kafka', 'registry', 'postgres', 'vitals'])
export type Service = z.infer<typeof service>

export const outage = z
  .object({
    service,
    sinceMs: ms,
    reason: z.string().describe('why the last attempt failed, as a sentence'),
    todo: z.string().nullable().describe('what somebody can do about it'),
  })
  .describe('A service that is away now. It is tried again by itself.')
export type Outage = z.infer<typeof outage>

/**
 * The data and its age: while a service is down, the last data is sent again with its age. Where there was never any, the answer is a 503 with a
 * problem.
 */
export interface Answer<T> {
  readonly data: T
  /** ms between reading and sending, by one clock; 0 for what was just read. */
  readonly ageMs: number
  /** Why the data isn't newer; empty when all is well. */
  readonly outages: readonly Outage[]
}

export const answerOf = <T extends z.ZodType>(data: T) =>
  z.object({ data, ageMs: z.number().describe('ms between reading and sending'), outages: list(outage) })

export const problemCode = z.enum([
  'bad-input',
  'unauthorized',
  'forbidden',
  'read-only',
  'not-confirmed',
  'not-found',
  'refused',
  'too-large',
  'too-many',
  'service-down',
  'failed',
])

/**
 * Why there is no answer. By its status: 400 bad-input and not-confirmed, 401 unauthorized, 403 forbidden and read-only, 404 not-found, 409 refused (in use,
 * exists), 413 too-large, 429 too-many, 503 service-down, 500 failed.
 */
export const problem = z
  .object({
    code: problemCode,
    what: z.string().describe('a sentence for people'),
    where: z.string().nullable().describe('the field, the thing or the service that it is about'),
    todo: z.string().nullable().describe('what to do; null where `what` says all there is to say'),
    outages: list(outage),
  })
  .describe('Why there is no answer')
export type Problem = z.infer<typeof problem>

/** Lists of any length are asked for by pages. */
export const pageQuery = {
  search: z.string().max(500).optional().describe('only names that contain it; case does not matter'),
  offset: z.coerce.number<number>().int().min(0).default(0).describe('how many are skipped'),
  limit: z.coerce.number<number>().int().min(1).max(1000).default(100).describe('the most that are returned'),
}
export const pageOf = <T extends z.ZodType>(row: T) =>
  z.object({
    rows: list(row),
    matching: count.describe('how many there are that match, on all pages'),
    total: count.describe('how many there are'),
  })
/** One page of a long list. */
export interface Page<T> {
  readonly rows: readonly T[]
  readonly matching: number
  readonly total: number
}

/**
 * Confirms a change: the name of the thing that is changed, as its user typed it. Without it nothing is changed, and the answer says what would be
 * done (`done` false): a read-only page may ask that too.
 */
export const confirm = z.string().optional().describe('the very name of the thing; without it nothing is changed')
