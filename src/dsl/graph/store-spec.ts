import { TopologyError } from '../../errors'

/** Where a store lives: in memory, or on disk with a layer of recent changes in memory. Either way its changelog is in Kafka. */
export type StoreLocation = 'memory' | 'disk'

export interface StoreOptions {
  /** Of a join's store: how much time expires at once, ms. */
  readonly sliceMs?: number
  /** Of a global table: every task reads it, none owns it. */
  readonly global?: boolean
  /** Of a versioned table: how far back its versions are kept, ms. */
  readonly historyRetentionMs?: number
}

export interface StoreSpec {
  readonly name: string
  readonly kind: 'keyValue' | 'window' | 'session' | 'buffer' | 'versioned' | 'joinWindow' | 'pending' | 'subscription'
  /** False for a store that is derived anew or restored from its source topic. */
  readonly changelog: boolean
  /** Restored from this source topic instead of a changelog: a table's own topic. */
  readonly sourceTopic?: string
  /** Absent: memory. */
  readonly location?: StoreLocation
  /** What makes this state what it is (window sizes and the like): a change of it under the same name is refused. */
  readonly identity?: string
  /** Settings of the store's kind. */
  readonly options?: StoreOptions
}

/** The kinds of stores that can live on disk. */
const onDisk: readonly StoreSpec['kind'][] = ['keyValue', 'window', 'session']

/** Describes a store. Throws TopologyError for a location that doesn't exist, or not for this kind of store. */
export function storeSpec(
  kind: StoreSpec['kind'],
  { name, location }: { readonly name: string; readonly location?: StoreLocation | undefined },
): StoreSpec {
  if (location !== undefined && location !== 'memory' && location !== 'disk')
    throw new TopologyError(`store "${name}": location is 'memory' or 'disk', and is ${JSON.stringify(location)}`)
  if (location === 'disk' && !onDisk.includes(kind))
    throw new TopologyError(
      `store "${name}": location 'disk' is for tables, aggregations (windowed ones too) and keyValueStore; the stores of stream joins, ` +
        'suppress, versioned tables and foreign-key subscriptions live in memory: leave it out',
    )
  return { name, kind, changelog: true, ...(location && { location }) }
}

/** The store that the author names for a computed table, if there is one. */
export function materialisedStore(
  step: string,
  name: string | undefined,
  location: StoreLocation | undefined,
): StoreSpec[] {
  if (name !== undefined) return [storeSpec('keyValue', { name, location })]
  if (location === undefined) return []
  throw new TopologyError(`step ${step}: location says where a store lives; name the store by materialized`)
}
