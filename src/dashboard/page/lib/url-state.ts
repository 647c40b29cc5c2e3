/** What a view keeps in the query of its address, so that a link shows the same. */
export type Query = Readonly<Record<string, string>>

/** `?a=1&b=` as `{ a: '1', b: '' }`; of a name that stands twice, the last. */
export function parseQuery(search: string): Query {
  return Object.fromEntries(new URLSearchParams(search))
}

/** The query with some values changed; what is undefined or empty is left out. In order of names, so that equal views have equal links. */
export function withChanges(query: Query, changes: Readonly<Record<string, string | undefined>>): Query {
  const all = Object.entries({ ...query, ...changes })
  const set = all.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
  return Object.fromEntries(set.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A query as it stands in an address: empty, or with its `?`. */
export function queryText(query: Query): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? '' : `?${text}`
}

/** `/api/topics/:topic` with its names filled in and encoded. */
export function urlOf(pattern: string, params: object, query: object): string {
  const given = new Map(Object.entries(params))
  const path = pattern.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(given.get(key) ?? '')))
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const text = new URLSearchParams(set.map(([key, value]): [string, string] => [key, String(value)])).toString()
  return text === '' ? path : `${path}?${text}`
}
