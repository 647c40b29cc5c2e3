import { TopologyError } from '../../errors'

/** Fields of a step that are functions wherever they are. */
const functions = [
  'predicate',
  'mapper',
  'action',
  'operator',
  'supplier',
  'joiner',
  'keyMapper',
  'foreignKey',
] as const
const aggregating = ['initial', 'add', 'subtract', 'merge', 'result'] as const
const optional = ['timestamp', 'partition'] as const

/**
 * Throws TopologyError where a step lacks a function, or has something else for one. The compiler says so too, but topologies run
 * without it: what is missing must not show as every record's failure.
 */
export function checkFunctions(step: string, spec: object): void {
  const fields = spec as Readonly<Record<string, unknown>>
  for (const field of [...functions, ...aggregating, ...optional]) {
    if (!(field in fields) || typeof fields[field] === 'function') continue
    if (fields[field] === undefined && (optional as readonly string[]).includes(field)) continue
    throw notFunction(step, spoken(field, fields), fields[field])
  }
  const lists = { predicates: fields.predicates, adds: fields.adds }
  for (const [field, list] of Object.entries(lists))
    for (const each of Array.isArray(list) ? list : [])
      if (typeof each !== 'function') throw notFunction(step, `each of ${field}`, each)
}

/** A field as the author calls it: a reduction has no first value, and other words. */
function spoken(field: string, fields: object): string {
  if ('initial' in fields) return field
  const words = 'subtract' in fields ? { add: 'adder', subtract: 'subtractor' } : { add: 'reducer' }
  return (words as Readonly<Record<string, string>>)[field] ?? field
}

const notFunction = (step: string, field: string, found: unknown) =>
  new TopologyError(
    `step "${step}": ${field} has to be a function, and is ${found === undefined ? 'missing' : JSON.stringify(found)}`,
  )
