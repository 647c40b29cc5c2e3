import { ConfigError } from '../../errors'
import type { End, EndSettings, Target } from '../sink'
import { type PostgresOptions, type PostgresTarget, postgresTarget } from './postgres-target'

/** Postgres: exactly once, rows and positions in one SQL transaction. */
const postgresEnd: End<PostgresTarget> = {
  kind: 'postgres',
  guarantee: 'exactly_once',
  // Loaded when a worker connects: a topology is described and tested without the client.
  connect(targets, settings) {
    const { createPostgresSink } = require('./postgres-sink') as typeof import('./postgres-sink')
    return createPostgresSink(targets, { ...settings, databaseUrl: urlOf(settings) })
  },
  maintain(targets, settings) {
    const { startMaintainer } = require('./maintainer') as typeof import('./maintainer')
    return startMaintainer({ targets, log: settings.log, databaseUrl: urlOf(settings) })
  },
}

function urlOf({ url }: EndSettings): string {
  if (url === undefined) throw new ConfigError('DATABASE_URL: it has to say where Postgres is')
  return url
}

/**
 * A target that writes each record into a Postgres table, exactly once; of an upsert table a null value deletes a row. Throws TopologyError.
 *
 * @example
 * readings.to(postgres({ table: 'sensor_data', schema: reading, mode: 'append' }))
 * rides.to(postgres({ table: 'rides', schema: ride, mode: 'upsert', key: ['ride_id'], columns: { city: 'pickup.city' } }))
 */
export function postgres<K = unknown, V = unknown, C extends string = never, M extends Mode = Mode>(
  options: PostgresOptions<V, C, K> & { readonly mode: M },
): PostgresTarget<K, [M] extends ['upsert'] ? V | null : V> {
  // biome-ignore lint/suspicious/noExplicitAny: whether null is of the type follows from the options
  return postgresTarget<K, any, C>(options, postgresEnd)
}

type Mode = PostgresOptions<unknown>['mode']

/** Those of a topology's targets that have tables. */
export const postgresTargets = (targets: readonly Target[]): PostgresTarget[] =>
  targets.filter((target): target is PostgresTarget => target.end === postgresEnd)
