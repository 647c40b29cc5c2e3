/** Where one can be in the page. */
export type RouteName =
  | 'overview'
  | 'topology'
  | 'fleet'
  | 'brokers'
  | 'topics'
  | 'topic'
  | 'groups'
  | 'group'
  | 'schemas'
  | 'schema'
  | 'dead-letters'

export interface Route {
  readonly name: RouteName
  /** The names in the path, decoded: an application, a topic, … and the tab behind it. */
  readonly params: Readonly<Record<string, string>>
}

/** What a view is given. */
export interface ViewProps {
  readonly route: Route
}

/** `:name` takes one part of the path, `:name?` may be missing. The first that fits is taken. */
const patterns: readonly (readonly [RouteName, string])[] = [
  ['overview', '/'],
  ['topology', '/topology/:application/:node?'],
  ['fleet', '/fleet/:application/:key?'],
  ['brokers', '/brokers'],
  ['topics', '/topics'],
  ['topic', '/topics/:topic/:tab?'],
  ['groups', '/groups'],
  ['group', '/groups/:group/:tab?'],
  ['schemas', '/schemas'],
  ['schema', '/schemas/:subject/:tab?'],
  ['dead-letters', '/dead-letters/:application?/:id?'],
]

/** The route of a path; undefined where there is none. */
export function routeOf(path: string): Route | undefined {
  const parts = path.split('/').filter(part => part !== '')
  for (const [name, pattern] of patterns) {
    const params = match(pattern.split('/').slice(1).filter(Boolean), parts)
    if (params !== undefined) return { name, params }
  }
  return undefined
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (parts.length > pattern.length) return undefined
  const params: Record<string, string> = {}
  for (const [at, each] of pattern.entries()) {
    const part = parts[at]
    if (!each.startsWith(':')) {
      if (part !== each) return undefined
    } else if (part !== undefined) params[each.slice(1).replace('?', '')] = decoded(part)
    else if (!each.endsWith('?')) return undefined
  }
  return params
}

/** A link that somebody has typed can hold a stray `%`. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/**
 * The path of a route: `pathTo('topic', { topic: 'a/b' })` is `/topics/a%2Fb`.
 *
 * @throws Error when a name that the path needs is missing: a mistake of the caller.
 */
export function pathTo(name: RouteName, params: Readonly<Record<string, string>> = {}): string {
  const pattern = patterns.find(each => each[0] === name)?.[1] ?? '/'
  const parts: string[] = []
  for (const each of pattern.split('/').filter(Boolean)) {
    if (!each.startsWith(':')) {
      parts.push(each)
      continue
    }
    const key = each.slice(1).replace('?', '')
    const value = params[key]
    if (value !== undefined && value !== '') parts.push(encodeURIComponent(value))
    else if (each.endsWith('?')) break
    else throw new Error(`the path of ${name} needs ${key}`)
  }
  return `/${parts.join('/')}`
}
