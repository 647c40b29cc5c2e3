import type { VitalsRecord } from './format'

/** A record of a vitals topic; undefined for what isn't one: another program's topic of such a name, or a later version's record. */
export function parseVitals(value: Buffer): VitalsRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(value.toString('utf8'))
    return isVitals(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** The lists that each kind has to have: a reader may walk them. */
const lists = {
  topology: ['parts', 'stores', 'ends'],
  tally: ['outages', 'tasks', 'standbys', 'nodes', 'ends'],
  samples: ['nodes'],
} as const

function isVitals(value: unknown): value is VitalsRecord {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Readonly<Record<string, unknown>>
  if (record.v !== 1 || typeof record.application !== 'string' || typeof record.atMs !== 'number') return false
  const { kind } = record
  if (kind !== 'topology' && kind !== 'tally' && kind !== 'samples') return false
  return (
    lists[kind].every(name => Array.isArray(record[name])) && (kind === 'topology' || typeof record.worker === 'string')
  )
}
