import { TopologyError } from '../errors'
import type { AvroDefinition, AvroField, AvroNamed, AvroRecord, AvroTypeJson } from './avro-schema'
import { inlineReferences } from './inline-references'
import { type NamedType, NamedTypes } from './named-types'

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
 * record a typed constant, in which the types that it takes from other files are written out. `from` is where the types of weir come from.
 * Throws TopologyError, with the file and the field, for a type that no file defines, or two define differently.
 */
export function typesOf(schemas: ReadonlyMap<string, AvroNamed>, from = 'weir-streams'): string {
  const writer = new TypesWriter(schemas)
  const head =
    '// Generated from the .avsc files beside it by `weir schemas types`: edit those instead.\n' +
    `import type { AvroSchema } from '${from}'\n`
  return [head, ...[...schemas.keys()].map(file => writer.fileOf(file))].join('\n')
}

class TypesWriter {
  private readonly types: NamedTypes

  constructor(private readonly schemas: ReadonlyMap<string, AvroNamed>) {
    this.types = new NamedTypes(schemas)
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
    return `${docComment(doc, '  ')}  readonly ${name}: ${this.typeOf(type, namespace, where)}\n`
  }

  /** The TypeScript of an Avro type. Longs are the interface's parameter: numbers, or bigints by `avro(schema, { long: 'bigint' })`. */
  private typeOf(type: AvroTypeJson, namespace: string, where: string): string {
    if (Array.isArray(type)) return type.map(branch => this.typeOf(branch, namespace, where)).join(' | ')
    if (typeof type === 'string') return primitives[type] ?? this.reference(type, namespace, where)
    const { type: kind, name, items = 'null', values = 'null' } = type as AvroDefinition
    if (kind === 'array') return `ReadonlyArray<${this.typeOf(items, namespace, where)}>`
    if (kind === 'map') return `Readonly<Record<string, ${this.typeOf(values, namespace, where)}>>`
    if (kind === 'record' || kind === 'enum' || kind === 'fixed')
      return this.reference(this.types.fullName(type as AvroNamed, namespace), namespace, `${where}: ${name}`)
    return this.typeOf(kind, namespace, where)
  }

  private reference(name: string, namespace: string, where: string): string {
    const found = this.types.find(name, namespace)
    if (found === undefined) throw new TopologyError(`${where}: no .avsc file defines the type "${name}"`)
    if (found.definition.type === 'fixed') return 'Buffer'
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
