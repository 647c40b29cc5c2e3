import { inlineReferences } from '../codecs/inline-references'

/** One difference between two schemas. */
export interface SchemaChange {
  readonly change: 'added' | 'removed' | 'changed'
  /** The field's path, `device.id`; the record's own attributes stand under its name. */
  readonly field: string
  /** JSON of what was before and after; null where there is nothing. */
  readonly from: string | null
  readonly to: string | null
}

type Json = string | readonly Json[] | { readonly [name: string]: unknown }

/** What changed from one Avro schema (JSON text) to another, field by field. Throws Error on text that is no JSON. */
export function diffSchemas(from: string, to: string): SchemaChange[] {
  const [before, after] = [flatten(withFullNames(from)), flatten(withFullNames(to))]
  const changes: SchemaChange[] = []
  for (const [field, old] of before) {
    const now = after.get(field) ?? null
    if (now === null) changes.push({ change: 'removed', field, from: old, to: null })
    else if (now !== old) changes.push({ change: 'changed', field, from: old, to: now })
  }
  for (const [field, now] of after)
    if (!before.has(field)) changes.push({ change: 'added', field, from: null, to: now })
  return changes
}

/** A type may be named in two ways. */
const withFullNames = (schema: string) => inlineReferences(JSON.parse(schema), []) as Json

/** Paths of fields, each with its type and attributes as JSON; nested records are opened. */
function flatten(schema: Json, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  if (typeof schema !== 'object' || Array.isArray(schema)) {
    found.set(path, JSON.stringify(schema))
    return found
  }
  const { fields, ...rest } = schema as { fields?: readonly { name: string; type: Json }[] }
  if (fields === undefined) {
    found.set(path, JSON.stringify(schema))
    return found
  }
  found.set(path === '' ? '(record)' : path, JSON.stringify(rest))
  for (const { name, type, ...attributes } of fields) {
    const at = path === '' ? name : `${path}.${name}`
    if (isRecord(type)) for (const [inner, text] of flatten(type, at)) found.set(inner, text)
    else
      found.set(
        at,
        Object.keys(attributes).length === 0 ? JSON.stringify(type) : JSON.stringify({ type, ...attributes }),
      )
  }
  return found
}

const isRecord = (type: Json) => typeof type === 'object' && !Array.isArray(type) && 'fields' in type
