import type { Type, types } from 'avsc'
import { anyAvroType, strictAvroType } from './avro-faults'
import type { AvroDefinition, AvroField, AvroRecord, AvroTypeJson } from './avro-schema'
import { withoutNull } from './avro-schema'

const show = (type: AvroTypeJson) => (typeof type === 'string' ? type : JSON.stringify(type))

type RecordType = types.RecordType

function readable(reader: Type | undefined, writer: Type | undefined): boolean {
  try {
    reader?.createResolver(writer as Type, { ignoreNamespaces: true } as never)
    return true
  } catch {
    return false
  }
}

/** A field's type as the record means it: it may name types that the record defines elsewhere. */
const typeOf = (record: RecordType, name: string) => record.fields.find(field => field.name === name)?.type

/** The unit of a time: Avro itself would read microseconds as milliseconds without a word. */
function timeUnit(type: AvroTypeJson): string | undefined {
  const { logicalType } = withoutNull(type).type as AvroDefinition
  return logicalType?.startsWith('timestamp-') ? logicalType : undefined
}

function otherUnit(reader: AvroTypeJson, writer: AvroTypeJson): boolean {
  const [a, b] = [timeUnit(reader), timeUnit(writer)]
  return a !== undefined && b !== undefined && a !== b
}

function namesOf(named: AvroField | AvroRecord): readonly string[] {
  return [named.name, ...(named.aliases ?? [])].map(name => name.slice(name.lastIndexOf('.') + 1))
}

function fieldFault(field: AvroField, old: AvroRecord, reader: RecordType, writer: RecordType): string | undefined {
  const before = old.fields.find(candidate => namesOf(field).includes(candidate.name))
  if (before === undefined) {
    return field.default === undefined ? `field ${field.name} is new and has no default` : undefined
  }
  return readable(typeOf(reader, field.name), typeOf(writer, before.name)) && !otherUnit(field.type, before.type)
    ? undefined
    : `field ${field.name}: what was written as ${show(before.type)} can't be read as ${show(field.type)}`
}

/**
 * Why values written with `old` can't be read with `next`, field by field: empty when they can (BACKWARD compatibility, by
 * Avro 1.11 "Schema Resolution"; a changed unit of a time is refused as well).
 */
export function incompatibilities(next: AvroTypeJson, old: AvroTypeJson): string[] {
  return faults(next, old, strictAvroType)
}

/** Why none of the values written with `old` can be read with `next`; a single one may still be refused, by what it holds. */
export function unreadableParts(next: AvroTypeJson, old: AvroTypeJson): string[] {
  return faults(next, old, anyAvroType)
}

function faults(next: AvroTypeJson, old: AvroTypeJson, compile: (schema: unknown) => Type): string[] {
  if (isRecord(next)) return isRecord(old) ? recordFaults(next, old, compile) : ['what was written is no Avro record']
  return readable(compile(next), compile(old)) && !otherUnit(next, old)
    ? []
    : [`what was written as ${show(old)} can't be read as ${show(next)}`]
}

const isRecord = (schema: AvroTypeJson | null): schema is AvroRecord =>
  (schema as { type?: unknown } | null)?.type === 'record'

function recordFaults(next: AvroRecord, old: AvroRecord, compile: (schema: unknown) => Type): string[] {
  if (!namesOf(next).includes(old.name.slice(old.name.lastIndexOf('.') + 1))) {
    return [`the record ${old.name} is now called ${next.name}`]
  }
  const [reader, writer] = [compile(next), compile(old)] as [RecordType, RecordType]
  return next.fields.map(field => fieldFault(field, old, reader, writer)).filter(fault => fault !== undefined)
}
