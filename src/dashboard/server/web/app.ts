import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Log } from '../../../log'
import type { Outage } from '../../contract'
import type { Handlers } from '../calls/handlers'
import type { Pictures } from '../pictures'
import { isUnforeseen, ProblemError, problemOf, statusOf } from '../problems'
import type { Guard } from './guard'
import { openApi } from './open-api'
import type { PageFiles } from './page-files'
import { addRoutes } from './routes'

export interface AppOptions {
  readonly guard: Guard
  readonly handlers: Handlers
  readonly pictures: Pictures
  readonly page: PageFiles
  readonly outages: () => readonly Outage[]
  readonly log: Log
}

/** A message of a megabyte, written as JSON. */
const maxBodyBytes = 8 * 1024 * 1024
/** A request has to have come completely by then, ms. */
const requestMs = 30_000

/** Only our own scripts, styles and connections, and no frames: what is shown was written by strangers. */
const policy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'"],
  ...["manifest-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ')
const protection = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

/** The HTTP side of the dashboard, not yet listening. */
export function createApp({ guard, handlers, pictures, page, outages, log }: AppOptions): FastifyInstance {
  const app = fastify({
    ...{ bodyLimit: maxBodyBytes, requestTimeout: requestMs, connectionTimeout: 0, keepAliveTimeout: 10_000 },
    // A path that can't be read is refused before any hook.
    frameworkErrors: (error, request, reply) =>
      void sendProblem(error, request, reply.headers(protection), { outages, log }),
    ...{ forceCloseConnections: true, routerOptions: { maxParamLength: 2_000 }, logger: false },
  })
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(protection)
    const { url, method, headers } = request
    const cookie = guard.welcome({ url, method, headers })
    if (cookie !== undefined && method === 'GET' && !url.startsWith('/api/'))
      return reply.header('set-cookie', cookie).redirect(withoutToken(url), 303)
    guard.check({ url, method, headers })
  })
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, { outages, log }))
  addRoutes(app, handlers, pictures)
  const description = JSON.stringify(openApi())
  app.get('/api/openapi.json', async (_, reply) => reply.type('application/json; charset=utf-8').send(description))
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const isPage =
      (request.method === 'GET' || request.method === 'HEAD') && path !== '/api' && !path.startsWith('/api/')
    const { 'accept-encoding': accepted, 'if-none-match': known } = request.headers
    const found = isPage ? page.find(path, `${accepted ?? ''}`, known) : undefined
    if (found === undefined) throw new ProblemError('not-found', `There is no ${request.method} ${path.slice(0, 200)}.`)
    void reply.headers(found.headers)
    return found.body === undefined ? reply.code(304).send() : reply.code(200).send(found.body)
  })
  return app
}

function withoutToken(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://weir')
  searchParams.delete('token')
  const query = searchParams.toString()
  // Two slashes would lead to another host.
  return pathname.replace(/^\/+/, '/') + (query === '' ? '' : `?${query}`)
}

function sendProblem(
  error: unknown,
  { method, url, headers }: FastifyRequest,
  reply: FastifyReply,
  { outages, log }: Pick<AppOptions, 'outages' | 'log'>,
): FastifyReply {
  const problem = ofFastify(error) ?? problemOf(error, outages())
  if (isUnforeseen(problem)) log.error({ err: error }, `the dashboard failed at ${method} ${url.slice(0, 500)}`)
  // Somebody who has typed the page's address reads it.
  if (!url.startsWith('/api') && /\btext\/html\b/.test(headers.accept ?? ''))
    return reply
      .code(statusOf(problem))
      .type('text/plain; charset=utf-8')
      .send([problem.what, problem.todo ?? ''].join('\n'))
  return reply.code(statusOf(problem)).type('application/json; charset=utf-8').send(JSON.stringify(problem))
}

/** What fastify itself refuses: a path that can't be read, a body that is too large, no JSON, or of another kind. */
function ofFastify(error: unknown) {
  const { code = '', statusCode = 0, message = '' } = error as { code?: string; statusCode?: number; message?: string }
  if (!code.startsWith('FST_') || statusCode < 400 || statusCode > 499) return undefined
  if (statusCode === 413)
    return new ProblemError('too-large', `The request is larger than ${maxBodyBytes / 1024 / 1024} MiB.`, {
      where: 'body',
    }).problem
  if (!/_CTP_|_BODY/.test(code)) return new ProblemError('bad-input', message.slice(0, 200), { where: 'path' }).problem
  return new ProblemError('bad-input', message, {
    where: 'body',
    todo: 'Send JSON with content-type application/json.',
  }).problem
}
