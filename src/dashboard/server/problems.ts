import type { z } from 'zod'
import { ConfigError, UnavailableError } from '../../errors'
import { KafkaError } from '../../ops/cluster'
import { NotFoundError, RefusedError, UsageError } from '../../ops/errors'
import type { Outage, Problem } from '../contract'

const statuses: Readonly<Record<Problem['code'], number>> = {
  'bad-input': 400,
  'not-confirmed': 400,
  unauthorized: 401,
  forbidden: 403,
  'read-only': 403,
  'not-found': 404,
  refused: 409,
  'too-large': 413,
  'too-many': 429,
  failed: 500,
  'service-down': 503,
}
export const statusOf = ({ code }: Pick<Problem, 'code'>): number => statuses[code]

type Detail = Partial<Pick<Problem, 'where' | 'todo' | 'outages'>>

/** The reason why there is no answer, as an error. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(code: Problem['code'], what: string, { where = null, todo = null, outages = [] }: Detail = {}) {
    super(what)
    this.problem = { code, what, where, todo, outages }
  }
}

/** Whether there is no answer because of a service and not because of the caller. */
export const isOutage = (error: unknown): error is Error =>
  error instanceof UnavailableError || (error instanceof KafkaError && error.retriable)

/** What a caller is answered for an error. The details of an unexpected one are in the log only. */
export function problemOf(error: unknown, outages: readonly Outage[] = []): Problem {
  const of = (code: Problem['code'], detail: Detail = {}) =>
    new ProblemError(code, messageOf(error), { ...detail, outages }).problem
  if (error instanceof ProblemError) return error.problem
  if (error instanceof UsageError || error instanceof ConfigError) return of('bad-input')
  if (error instanceof NotFoundError) return of('not-found')
  if (error instanceof RefusedError) return of('refused')
  if (isOutage(error)) return of('service-down', { todo: outages[0]?.todo ?? null })
  if (error instanceof KafkaError) return of('failed', { where: 'kafka' })
  return new ProblemError('failed', 'the dashboard failed to answer this; its log says why', { outages }).problem
}

/** Whether the error is unexpected, so that the log has to have it. */
export const isUnforeseen = (problem: Problem): boolean => problem.code === 'failed' && problem.where === null

/** What is wrong with input, as a sentence: `limit: Too big: expected number to be <=1000`. */
export function inputProblem(part: string, { issues }: z.ZodError): ProblemError {
  const sentences = issues.slice(0, 5).map(({ path, message }) => `${[part, ...path].join('.')}: ${message}`)
  return new ProblemError('bad-input', sentences.join('; '), {
    where: [part, ...(issues[0]?.path ?? [])].join('.'),
    todo: 'See /api/openapi.json for what is taken.',
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
