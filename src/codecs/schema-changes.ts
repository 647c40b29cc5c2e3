import { Type } from 'avsc'
import type { AvroDefinition, AvroField, AvroRecord, AvroTypeJson } from './avro-schema'
import { withoutNull } from './avro-schema'

const show = (type: AvroTypeJson) => (typeof type === 'string' ? type : JSON.stringify(type))

function readable(reader: AvroTypeJson, writer: AvroTypeJson): boolean {
  try {
    Type.forSchema(reader as never).createResolver(Type.forSchema(writer as never), { ignoreNamespaces: true } as never)
    return true
  } catch {
    return false
  }
}

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

function fieldFault(field: AvroField, old: AvroRecord): string | undefined {
  const before = old.fields.find(candidate => namesOf(field).includes(candidate.name))
  if (before === undefined) {
    return field.default === undefined ? `field ${field.name} is new and has no default` : undefined
  }
  return readable(field.type, before.type) && !otherUnit(field.type, before.type)
    ? undefined
    : `field ${field.name}: what was written as ${show(before.type)} can't be read as ${show(field.type)}`
}

/**
 * Why values written with `old` can't be read with `next`, field by field: empty when they can (BACKWARD compatibility, by
 * Avro 1.11 "Schema Resolution"; a changed unit of a time is refused as well).
 */
export function incompatibilities(next: AvroRecord, old: AvroRecord): string[] {
  if (!namesOf(next).includes(old.name.slice(old.name.lastIndexOf('.') + 1))) {
    return [`the record ${old.name} is now called ${next.name}`]
  }
  return next.fields.map(field => fieldFault(field, old)).filter(fault => fault !== undefined)
}
