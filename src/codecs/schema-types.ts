import { TopologyError } from '../errors'
import {
  type AvroDefinition,
  type AvroField,
  type AvroNamed,
  type AvroRecord,
  type AvroTypeJson,
  withoutNull,
} from './avro-schema'
import { unitOf } from './avro-units'
import { inlineReferences } from './inline-references'
import type { JsonSchemaJson } from './json-schema'
import { JsonSchemaTypes, jsonSchemaEnd } from './json-schema-types'
import { type LogicalPart, logicalOf } from './logical'
import { type NamedType, NamedTypes } from './named-types'
import { areAlike, isNanos, lookOf } from './value-looks'

const primitives: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'Long',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
}

/**
 * The text of a `types.ts`: an interface for each record of the schemas (by file name without `.avsc`), a type for each enum, and for each file of a
 * record a typed constant, in which the types that it takes from other files are written out; the same of JSON Schemas, by file name without
 * `.schema.json`. `from` is where the types of weir come from.
 * Throws TopologyError, with the file and the field, for a type that no file defines, or two define differently.
 */
export function typesOf(
  schemas: ReadonlyMap<string, AvroNamed>,
  from = 'weir-streams',
  jsonSchemas: ReadonlyMap<string, JsonSchemaJson> = new Map(),
): string {
  const writer = new TypesWriter(schemas)
  const json = new JsonSchemaTypes(jsonSchemas, writer.names)
  const both = [...jsonSchemas.keys()].find(file => schemas.has(file))
  if (both !== undefined)
    throw new TopologyError(`${both}.avsc and ${both}${jsonSchemaEnd} would both be ${constantName(both)}: rename one`)
  const files = [
    ...[...schemas.keys()].map(file => writer.fileOf(file)),
    ...[...jsonSchemas.keys()].map(file => json.fileOf(file, constantName(file))),
  ]
  const imported = [...(schemas.size > 0 ? writer.imported : []), ...(jsonSchemas.size > 0 ? ['JsonSchema'] : [])]
  const ends = [...(schemas.size > 0 ? ['.avsc'] : []), ...(jsonSchemas.size > 0 ? [jsonSchemaEnd] : [])]
  const head =
    `// Generated from the ${ends.join(' and ')} files beside it by \`weir schemas types\`: edit those instead.\n` +
    `import type { ${imported.sort().join(', ')} } from '${from}'\n`
  return [head, ...files].join('\n')
}

/** What the numbers of a field count, where it doesn't say so itself. */
const sinces: readonly (readonly [logical: RegExp, since: string])[] = [
  [/^timestamp/, 'since 1970-01-01, UTC'],
  [/^local-timestamp/, 'since 1970-01-01 00:00 of the local time'],
  [/^time-/, 'since midnight'],
  [/^date$/, 'since 1970-01-01'],
]

function unitDoc(part: LogicalPart): string | undefined {
  const logical = logicalOf(part)
  const [, since] = sinces.find(([pattern]) => logical !== undefined && pattern.test(logical)) ?? []
  if (since === undefined) return undefined
  const unit = unitOf(part) ?? ''
  return `${unit.charAt(0).toUpperCase()}${unit.slice(1)} ${since}.`
}

class TypesWriter {
  /** What the types need of weir's. */
  readonly imported = new Set(['AvroSchema'])
  private readonly types: NamedTypes

  constructor(private readonly schemas: ReadonlyMap<string, AvroNamed>) {
    this.types = new NamedTypes(schemas)
  }

  /** What TypeScript calls all of them. */
  get names(): string[] {
    return [...this.schemas.keys()].flatMap(file => this.types.ofFile(file).map(({ typeName }) => typeName))
  }

  /** What a file gives: its type, those within it, and the constant. */
  fileOf(file: string): string {
    const schema = this.schemas.get(file)
    const declared = this.types.ofFile(file).map(type => this.declaration(type))
    return [...declared, ...(schema?.type === 'record' ? [this.constant(file, schema)] : [])].join('\n')
  }

  private declaration(type: NamedType): string {
    const { definition, file, typeName } = type
    const comment = docComment(definition.doc, '')
    if (definition.type === 'enum')
      return `${comment}export type ${typeName} = ${(definition.symbols ?? []).map(symbol => `'${symbol}'`).join(' | ')}\n`
    const longs = this.types.hasLong(type) ? '<Long = number>' : ''
    const fields = (definition.fields ?? []).map(field => this.field(field, type, `${file}.avsc.${field.name}`))
    return `${comment}export interface ${typeName}${longs} {\n${fields.join('')}}\n`
  }

  private field({ name, doc, type }: AvroField, { namespace }: NamedType, where: string): string {
    const { type: plain } = withoutNull(type)
    const unit = typeof plain === 'object' && !Array.isArray(plain) ? unitDoc(plain as AvroDefinition) : undefined
    return `${docComment(doc ?? unit, '  ')}  readonly ${name}: ${this.typeOf(type, namespace, where)}\n`
  }

  /** The TypeScript of an Avro type. Longs are the interface's parameter: numbers, or bigints by `avro(schema, { long: 'bigint' })`. */
  private typeOf(type: AvroTypeJson, namespace: string, where: string): string {
    if (Array.isArray(type)) return this.union(type, namespace, where)
    if (typeof type === 'string') return primitives[type] ?? this.reference(type, namespace, where)
    const meant = this.meant(type as AvroDefinition)
    if (meant !== undefined) return meant
    const { type: kind, name, items = 'null', values = 'null' } = type as AvroDefinition
    if (kind === 'array') return `ReadonlyArray<${this.typeOf(items, namespace, where)}>`
    if (kind === 'map') return `Readonly<Record<string, ${this.typeOf(values, namespace, where)}>>`
    if (kind === 'record' || kind === 'enum' || kind === 'fixed')
      return this.reference(this.types.fullName(type as AvroNamed, namespace), namespace, `${where}: ${name}`)
    return this.typeOf(kind, namespace, where)
  }

  /** Where values alone can't tell which of a union's types is meant, they name it. */
  private union(branches: readonly AvroTypeJson[], namespace: string, where: string): string {
    const types = branches.map(branch => this.typeOf(branch, namespace, where))
    const kinds = branches.map(branch => this.kindOf(branch, namespace))
    if (!areAlike(kinds.map(({ type, logical }) => lookOf(type, logical)))) return types.join(' | ')
    return types
      .map((type, i) => (kinds[i]?.type === 'null' ? type : `{ readonly '${kinds[i]?.name}': ${type} }`))
      .join(' | ')
  }

  /** What a union's branch is, and what the union calls it. */
  private kindOf(branch: AvroTypeJson, namespace: string) {
    const part = typeof branch === 'string' ? undefined : (branch as AvroDefinition)
    const named =
      part === undefined
        ? this.types.find(branch as string, namespace)
        : part.name === undefined
          ? undefined
          : this.types.find(this.types.fullName(part as AvroNamed, namespace), '')
    const definition = named?.definition ?? part
    const type = String(definition?.type ?? branch)
    return { type, logical: definition && logicalOf(definition), name: named?.fullName ?? type }
  }

  /** The TypeScript of a type whose values are more than its bytes or numbers. */
  private meant(part: LogicalPart): string | undefined {
    const logical = logicalOf(part)
    if (isNanos(logical)) return 'bigint'
    if (logical === 'uuid') return 'string'
    const name = logical === 'decimal' ? 'Decimal' : logical === 'duration' ? 'AvroDuration' : undefined
    if (name !== undefined) this.imported.add(name)
    return name
  }

  private reference(name: string, namespace: string, where: string): string {
    const found = this.types.find(name, namespace)
    if (found === undefined) throw new TopologyError(`${where}: no .avsc file defines the type "${name}"`)
    if (found.definition.type === 'fixed') return this.meant(found.definition) ?? 'Buffer'
    return `${found.typeName}${this.types.hasLong(found) ? '<Long>' : ''}`
  }

  private constant(file: string, schema: AvroRecord): string {
    const type = this.types.root(file)
    const values = this.types.hasLong(type)
      ? `${type.typeName}, ${type.typeName}<bigint>`
      : `${type.typeName}, ${type.typeName}`
    const others = [...this.schemas].flatMap(([name, each]) => (name === file ? [] : [each]))
    const json = this.types.standsAlone(file) ? schema : inlineReferences(schema, others)
    return (
      `export const ${constantName(file)}: AvroSchema<${values}> = {\n` +
      `  name: '${file}',\n  json: ${JSON.stringify(json, null, 2).replaceAll('\n', '\n  ')},\n}\n`
    )
  }
}

/** `my-reading.avsc` is `myReading`. */
function constantName(file: string): string {
  const name = file.replace(/[^\w$]+(\w?)/g, (_, letter: string) => letter.toUpperCase())
  return /^[A-Za-z_$]/.test(name) ? name : `_${name}`
}

function docComment(text: string | undefined, indent: string): string {
  return text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '* /')} */\n`
}
