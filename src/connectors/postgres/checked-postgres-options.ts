import {
  anything,
  callback,
  checkOptions,
  flag,
  kind,
  needed,
  type OptionKinds,
  oneOf,
  plain,
  shown,
  word,
} from '../../checked-options'
import { schemaFault } from '../../codecs/value-schema'
import { TopologyError } from '../../errors'

const names = kind(
  "a list of columns, as ['id']",
  value => Array.isArray(value) && value.every(each => typeof each === 'string'),
)
const days = kind('a number of days', value => typeof value === 'number')

const known: OptionKinds = {
  ...{ name: word, table: needed(word), schema: needed(anything), mode: needed(oneOf('append', 'upsert')) },
  ...{ columns: plain, key: names, keyOf: callback, addColumns: flag, origin: flag, partition: plain },
}
const partition: OptionKinds = { by: needed(word), aheadDays: days, retentionDays: days }
const composite: OptionKinds = { composite: needed(word), path: word }

/** Throws TopologyError for options of a Postgres target that no compiler has seen and that can't be. */
export function checkPostgresOptions(given: unknown): void {
  const { name, table, schema, columns = {}, ...others } = Object(given) as Readonly<Record<string, unknown>>
  const own = typeof name === 'string' ? name : typeof table === 'string' ? `postgres:${table}` : ''
  const where = `Postgres target ${own}`.trimEnd()
  checkOptions(where, given, known)
  const fault = schemaFault(schema)
  if (fault !== undefined) throw new TopologyError(`${where}: ${fault}`)
  if (others.partition !== undefined) checkOptions(`${where}: partition`, others.partition, partition)
  for (const [column, from] of Object.entries(columns as object)) {
    if (from === false || typeof from === 'string') continue
    if (!plain.fits(from))
      throw new TopologyError(
        `${where}: column ${column} has to be a path, as 'pickup.city', { composite: 'type' }, or false, and is ${shown(from)}`,
      )
    checkOptions(`${where}: column ${column}`, from, composite)
  }
}
