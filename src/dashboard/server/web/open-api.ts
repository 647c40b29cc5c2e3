import { z } from 'zod'
import { version } from '../../../version'
import { problem } from '../../contract/common'
import { clientMessage, liveData } from '../../contract/live'
import { type Route, routes } from '../../contract/routes'

type Json = Readonly<Record<string, unknown>>

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

/** OpenAPI 3.1 of the whole API, made from the schemas by which the server checks what it is given. */
export function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, route] of Object.entries<Route>(routes)) {
    const [method = '', path = ''] = name.split(' ')
    const place = path.replace(/:(\w+)/g, '{$1}')
    paths[place] = { ...paths[place], [method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'weir dashboard',
      version,
      description:
        'What the dashboard shows, and what `weir` prints. Changes need `confirm`, the name of the thing, and a server that was started with --allow-writes; without `confirm` they say what would be done. Live data comes by a WebSocket at /api/live, see x-live.',
    },
    paths,
    components: { schemas: { Problem: schemaOf(problem, 'output') } },
    'x-live': {
      path: '/api/live',
      client: schemaOf(clientMessage, 'input'),
      server: Object.fromEntries(Object.entries(liveData).map(([kind, data]) => [kind, schemaOf(data, 'output')])),
    },
  }
}

function operation({ about, params, query, body, answer }: Route): Json {
  const parameters = [...parametersOf('path', params), ...parametersOf('query', query)]
  return {
    summary: about,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      200: { description: 'done', content: { 'application/json': { schema: schemaOf(answer, 'output') } } },
      default: {
        description: 'why not',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function parametersOf(where: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, of]) => ({
    ...{ name, in: where, schema: of },
    required: where === 'path' || required.includes(name),
    ...(typeof of.description === 'string' ? { description: of.description } : {}),
  }))
}
