import type { Type, types } from 'avsc'
import { anyAvroType, anyWriterType } from './avro-faults'
import { resolverOf } from './avro-resolution'
import type { AvroField, AvroRecord, AvroTypeJson } from './avro-schema'

const show = (type: AvroTypeJson) => (typeof type === 'string' ? type : JSON.stringify(type))

type RecordType = types.RecordType

/** Why `writer` can't be read; undefined where it can. */
function fault(reader: Type | undefined, writer: Type | undefined, isLenient: boolean): string | undefined {
  if (reader === undefined || writer === undefined) return undefined
  try {
    resolverOf(reader, writer, isLenient)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** A field's type as the record means it: it may name types that the record defines elsewhere. */
const typeOf = (record: RecordType, name: string) => record.fields.find(field => field.name === name)?.type

function namesOf(named: AvroField | AvroRecord): readonly string[] {
  return [named.name, ...(named.aliases ?? [])].map(name => name.slice(name.lastIndexOf('.') + 1))
}

function fieldFault(field: AvroField, old: AvroRecord, { reader, writer, isLenient }: Sides): string | undefined {
  const before = old.fields.find(candidate => namesOf(field).includes(candidate.name))
  if (before === undefined) {
    return field.default === undefined ? `field ${field.name} is new and has no default` : undefined
  }
  const why = fault(typeOf(reader, field.name), typeOf(writer, before.name), isLenient)
  if (why === undefined) return undefined
  const text = `field ${field.name}: what was written as ${show(before.type)} can't be read as ${show(field.type)}`
  return why.startsWith('it was written in') ? `${text}: ${why}` : text
}

/** A record's types, before and now. */
interface Sides {
  readonly reader: RecordType
  readonly writer: RecordType
  readonly isLenient: boolean
}

/**
 * Why values written with `old` can't be read with `next`, field by field: empty when they can (BACKWARD compatibility, by
 * Avro 1.11 "Schema Resolution"; a changed unit of a time or a decimal is refused as well).
 */
export function incompatibilities(next: AvroTypeJson, old: AvroTypeJson): string[] {
  return faults(next, old, false)
}

/** Why none of the values written with `old` can be read with `next`; a single one may still be refused, by what it holds. */
export function unreadableParts(next: AvroTypeJson, old: AvroTypeJson): string[] {
  return faults(next, old, true)
}

function faults(next: AvroTypeJson, old: AvroTypeJson, isLenient: boolean): string[] {
  if (isRecord(next) && isRecord(old)) return recordFaults(next, old, isLenient)
  const why = fault(anyAvroType(next), anyWriterType(old), isLenient)
  return why === undefined ? [] : [`what was written as ${show(old)} can't be read as ${show(next)}: ${why}`]
}

const isRecord = (schema: AvroTypeJson | null): schema is AvroRecord =>
  (schema as { type?: unknown } | null)?.type === 'record'

function recordFaults(next: AvroRecord, old: AvroRecord, isLenient: boolean): string[] {
  if (!namesOf(next).includes(old.name.slice(old.name.lastIndexOf('.') + 1))) {
    return [`the record ${old.name} is now called ${next.name}`]
  }
  const sides = { reader: anyAvroType(next) as RecordType, writer: anyWriterType(old) as RecordType, isLenient }
  return next.fields.map(field => fieldFault(field, old, sides)).filter(found => found !== undefined)
}
