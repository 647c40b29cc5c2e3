import { TopologyError } from '../errors'
import type { StoreLocation, StoreSpec } from './nodes'

/** The kinds of stores that can live on disk. */
const onDisk: readonly StoreSpec['kind'][] = ['keyValue', 'window', 'session']

/** Throws TopologyError for a location that there isn't, for this kind of store at least. */
export function storeSpec(
  kind: StoreSpec['kind'],
  options: { readonly name: string; readonly location?: unknown },
): StoreSpec {
  const { name } = options
  const location = options.location as StoreLocation | undefined
  if (location !== undefined && location !== 'memory' && location !== 'disk')
    throw new TopologyError(`store "${name}": location is 'memory' or 'disk', and is ${JSON.stringify(location)}`)
  if (location === 'disk' && !onDisk.includes(kind))
    throw new TopologyError(
      `store "${name}": location 'disk' is for tables, aggregations (windowed ones too) and keyValueStore; the stores of stream joins, ` +
        'suppress, versioned tables and foreign-key subscriptions live in memory: leave it out',
    )
  return { name, kind, changelog: true, ...(location && { location }) }
}

/** The store that the author names for a computed table, if so. */
export function materialisedStore(step: string, name: string | undefined, location: unknown): StoreSpec[] {
  if (name !== undefined) return [storeSpec('keyValue', { name, location })]
  if (location === undefined) return []
  throw new TopologyError(`step ${step}: location says where a store lives; name the store by materialized`)
}
