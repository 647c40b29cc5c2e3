import type { Body, Given, Params, Problem, Query, RouteName } from '../../contract'
import { urlOf } from '../lib/url-state'

/** Why a call has no answer, in the server's own words. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.what)
    this.name = 'ApiError'
  }
}

type IfAny<T, Key extends string> = undefined extends T
  ? { readonly [K in Key]?: undefined }
  : { readonly [K in Key]: T }
/** What a call needs: path parameters, query, body, as far as it has them. */
export type Asked<N extends RouteName> = IfAny<Params<N>, 'params'> & {
  readonly query?: Query<N>
} & IfAny<Body<N>, 'body'> & { readonly signal?: AbortSignal }

/**
 * Asks the server.
 *
 * @throws ApiError with the server's problem; also when the server itself can't be reached.
 * @example
 * const { data } = await api('GET /api/topics/:topic', { params: { topic: 'sensor_data' } })
 */
export async function api<N extends RouteName>(name: N, asked: Asked<N>): Promise<Given<N>> {
  const [method = 'GET', pattern = '/'] = name.split(' ')
  const url = urlOf(pattern, asked.params ?? {}, asked.query ?? {})
  const body = asked.body === undefined ? null : JSON.stringify(asked.body)
  const headers: HeadersInit = body === null ? {} : { 'content-type': 'application/json' }
  let response: Response
  try {
    response = await fetch(url, { method, body, headers, signal: asked.signal ?? null })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(unreachable, 0)
  }
  if (!response.ok) throw new ApiError(await problemOf(response), response.status)
  return response.json()
}

const unreachable: Problem = {
  code: 'service-down',
  what: 'The dashboard’s server does not answer.',
  where: null,
  todo: 'Start it again with `weir dashboard`; this page continues by itself.',
  outages: [],
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body: unknown = await response.json()
    if (typeof body === 'object' && body !== null && 'what' in body) return body as Problem
  } catch {
    // Not from this server: something between has answered.
  }
  const what = `The server answers ${response.status} ${response.statusText}`.trim()
  return { code: 'failed', what, where: null, todo: null, outages: [] }
}

/** What to show of an error, whatever it is. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem
  const what = error instanceof Error ? error.message : String(error)
  return { code: 'failed', what, where: null, todo: null, outages: [] }
}
