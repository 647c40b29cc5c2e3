import { TopologyError } from '../errors'
import type { AvroDefinition, AvroRecord, AvroTypeJson } from './avro-schema'

const names: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'Long',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
}

function tsDefinition(definition: AvroDefinition, where: string): string {
  const { type } = definition
  if (type === 'array') return `ReadonlyArray<${tsType(definition.items ?? 'null', where)}>`
  if (type === 'map') return `Readonly<Record<string, ${tsType(definition.values ?? 'null', where)}>>`
  if (type === 'enum') return (definition.symbols ?? []).map(symbol => `'${symbol}'`).join(' | ')
  if (type === 'fixed') return 'Buffer'
  if (type === 'record') {
    const fields = definition.fields ?? []
    return `{ ${fields.map(f => `readonly ${f.name}: ${tsType(f.type, `${where}.${f.name}`)}`).join('; ')} }`
  }
  return tsType(type, where)
}

/** The TypeScript of an Avro type. Longs are the interface's parameter: numbers, or bigints by `avro(schema, { long: 'bigint' })`. */
function tsType(type: AvroTypeJson, where: string): string {
  if (Array.isArray(type)) return type.map(branch => tsType(branch, where)).join(' | ')
  if (typeof type !== 'string') return tsDefinition(type as AvroDefinition, where)
  const name = names[type]
  if (name === undefined)
    throw new TopologyError(`${where}: the type "${type}" can't be referred to by name; write it out`)
  return name
}

function hasLong(type: AvroTypeJson | undefined): boolean {
  if (type === undefined || typeof type === 'string') return type === 'long'
  if (Array.isArray(type)) return type.some(hasLong)
  const { type: own, items, values, fields } = type as AvroDefinition
  return [own, items, values, ...(fields ?? []).map(field => field.type)].some(hasLong)
}

function docComment(text: string | undefined, indent: string): string {
  return text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '* /')} */\n`
}

function declaration(file: string, json: AvroRecord): string {
  const fields = json.fields.map(
    field =>
      `${docComment(field.doc, '  ')}  readonly ${field.name}: ${tsType(field.type, `${file}.avsc.${field.name}`)}\n`,
  )
  const hasLongs = json.fields.some(field => hasLong(field.type))
  const types = hasLongs ? `${json.name}, ${json.name}<bigint>` : `${json.name}, ${json.name}`
  const constant = file.replace(/[-_.](\w)/g, (_, letter: string) => letter.toUpperCase())
  return (
    `${docComment(json.doc, '')}export interface ${json.name}${hasLongs ? '<Long = number>' : ''} {\n${fields.join('')}}\n\n` +
    `export const ${constant}: AvroSchema<${types}> = {\n` +
    `  name: '${file}',\n  json: ${JSON.stringify(json, null, 2).replaceAll('\n', '\n  ')},\n}\n`
  )
}

/** The text of `schemas/types.ts`: for each schema file (name without `.avsc`) an interface and a typed constant. */
export function typesOf(schemas: ReadonlyMap<string, AvroRecord>): string {
  const parts = [...schemas].map(([file, json]) => declaration(file, json))
  return [
    "// Generated from the .avsc files beside it by `npm run schemas -- --types`: edit those instead.\nimport type { AvroSchema } from '../src/codecs/avro-schema'\n",
    ...parts,
  ].join('\n')
}
