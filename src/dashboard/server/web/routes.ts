import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Service } from '../../contract'
import { type Route, type RouteName, routes } from '../../contract/routes'
import type { Handlers } from '../calls/handlers'
import type { Pictures } from '../pictures'
import { inputProblem } from '../problems'

/** Whatever the contract says of it, a function from checked input to its answer. */
type AnyHandler = (call: Readonly<Record<'params' | 'query' | 'body', unknown>>) => Promise<unknown>

/** Routes that never wait for a service. */
const ofItself: ReadonlySet<string> = new Set<RouteName>(['GET /api/settings'])

/** Serves each route of the contract by its function: input is checked first, and what is looked at is kept for an outage. */
export function addRoutes(app: FastifyInstance, handlers: Handlers, pictures: Pictures): void {
  for (const [name, route] of Object.entries<Route>(routes)) {
    const [method = '', url = ''] = name.split(' ')
    // The contract's types are checked where the handlers are made; here they are all alike.
    const handler = handlers[name as RouteName] as AnyHandler
    app.route({
      ...{ method, url },
      handler: async (request, reply) => {
        const call = {
          params: checked('path', route.params, request.params),
          query: checked('query', route.query, request.query),
          body: checked('body', route.body, request.body ?? {}),
        }
        void reply.type('application/json; charset=utf-8')
        if (method === 'GET' && !ofItself.has(name))
          return pictures.look(request.url, serviceOf(url), () => handler(call))
        const answer = await handler(call)
        if (method !== 'GET') pictures.changed()
        return JSON.stringify(answer)
      },
    })
  }
}

function serviceOf(url: string): Service {
  // What is known of applications is true also while Kafka is away: that it is away is part of it.
  if (url === '/api/applications') return 'vitals'
  if (url.startsWith('/api/fleet')) return 'postgres'
  return url.startsWith('/api/subjects') ? 'registry' : 'kafka'
}

/** Throws ProblemError for what doesn't fit, and for what is not known: a name that was mistyped would be passed over. */
function checked(part: string, schema: z.ZodObject | undefined, given: FastifyRequest['query']): unknown {
  if (schema === undefined) return undefined
  const found = schema.strict().safeParse(given)
  if (found.success) return found.data
  throw inputProblem(part, found.error)
}
