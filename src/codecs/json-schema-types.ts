import { ConfigError, TopologyError } from '../errors'
import { type JsonSchemaJson, jsonSchemaCheck } from './json-schema'

type Part = { readonly [keyword: string]: unknown }

/** How files of JSON Schemas end. */
export const jsonSchemaEnd = '.schema.json'

const primitives: Readonly<Record<string, string>> = {
  ...{ string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' },
}

const isObject = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value)

const capitalized = (text: string): string =>
  text.replace(/(?:^|[^A-Za-z0-9_$]+)([A-Za-z0-9_$])/g, (_, letter: string) => letter.toUpperCase())

/** A key as an interface has it. */
const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))

const comment = (schema: unknown, indent: string): string =>
  isObject(schema) && typeof schema.description === 'string'
    ? `${indent}/** ${schema.description.replaceAll('*/', '* /').replace(/\s*\n\s*/g, ' ')} */\n`
    : ''

/** A place that has a name of its own: a file, or one of its definitions. */
interface Place {
  readonly file: string
  /** As in `$ref`, without the file: `#`, `#/$defs/Place`. */
  readonly pointer: string
}

const definitionsOf = (schema: JsonSchemaJson): [pointer: string, schema: unknown][] =>
  ['$defs', 'definitions'].flatMap(group => {
    const named = isObject(schema) ? schema[group] : undefined
    return isObject(named)
      ? Object.entries(named).map(([name, each]): [string, unknown] => [`#/${group}/${name}`, each])
      : []
  })

/** Writes the types and constants of a folder's JSON Schemas, by file name without `.schema.json`. */
export class JsonSchemaTypes {
  /** What TypeScript calls each place. */
  private readonly names = new Map<string, string>()

  /** `taken`: the names of other types. Throws ConfigError where one would be given twice. */
  constructor(
    private readonly schemas: ReadonlyMap<string, JsonSchemaJson>,
    taken: readonly string[] = [],
  ) {
    const all = new Set(taken)
    const give = ({ file, pointer }: Place, names: readonly string[]): void => {
      const name = names.find(each => !all.has(each))
      if (name === undefined)
        throw new ConfigError(`${file}${jsonSchemaEnd}: another schema has the type ${names[0]}: give it another title`)
      all.add(name)
      this.names.set(`${file}${pointer}`, name)
    }
    for (const [file, schema] of schemas)
      give({ file, pointer: '#' }, [
        capitalized(isObject(schema) && typeof schema.title === 'string' ? schema.title : file),
      ])
    for (const [file, schema] of schemas)
      for (const [pointer] of definitionsOf(schema)) {
        const short = capitalized(pointer.slice(pointer.lastIndexOf('/') + 1))
        give({ file, pointer }, [short, `${this.names.get(`${file}#`)}${short}`])
      }
  }

  /** The types of a file and its constant. Throws TopologyError for a reference that leads nowhere. */
  fileOf(file: string, constantName: string): string {
    const schema = this.schemas.get(file) ?? false
    const places: [string, unknown][] = [['#', schema], ...definitionsOf(schema)]
    const declared = places.map(([pointer, each]) => this.declaration({ file, pointer }, each))
    const jsonSchema = this.bundled(file)
    // Types are only made of what works.
    jsonSchemaCheck({ name: `${file}${jsonSchemaEnd}`, jsonSchema })
    const json = JSON.stringify(jsonSchema, null, 2).replaceAll('\n', '\n  ')
    const constant = `export const ${constantName}: JsonSchema<${this.names.get(`${file}#`)}> = {\n  name: '${file}',\n  jsonSchema: ${json},\n}\n`
    return [...declared, constant].join('\n')
  }

  private declaration({ file, pointer }: Place, schema: unknown): string {
    const name = this.names.get(`${file}${pointer}`)
    const head = comment(schema, '')
    const isPlain = isObject(schema) && isObject(schema.properties) && !schema.anyOf && !schema.oneOf && !schema.allOf
    if (isPlain && schema.$ref === undefined && !Array.isArray(schema.type))
      return `${head}export interface ${name} ${this.fields(schema, file)}\n`
    return `${head}export type ${name} = ${this.typeOf(schema, file)}\n`
  }

  private fields({ properties, required }: Part, file: string, indent = ''): string {
    const needed: readonly unknown[] = Array.isArray(required) ? required : []
    const lines = Object.entries(properties as Part).map(([name, each]) => {
      const type = this.typeOf(each, file, `${indent}  `)
      return `${comment(each, `${indent}  `)}${indent}  readonly ${keyOf(name)}${needed.includes(name) ? '' : '?'}: ${type}\n`
    })
    return `{\n${lines.join('')}${indent}}`
  }

  private typeOf(schema: unknown, file: string, indent = ''): string {
    if (!isObject(schema)) return schema === false ? 'never' : 'unknown'
    if (typeof schema.$ref === 'string') return this.referred(schema.$ref, file)
    const each = (parts: unknown, sign: string): string =>
      (parts as readonly unknown[]).map(part => bracketed(this.typeOf(part, file, indent))).join(` ${sign} `)
    const { const: only, enum: symbols, anyOf, oneOf, allOf, type } = schema
    if (only !== undefined) return JSON.stringify(only)
    if (Array.isArray(symbols)) return symbols.map(symbol => JSON.stringify(symbol)).join(' | ')
    const union = anyOf ?? oneOf
    if (Array.isArray(union)) return each(union, '|')
    if (Array.isArray(allOf))
      return each(schema.properties === undefined ? allOf : [...allOf, { ...schema, allOf: undefined }], '&')
    if (Array.isArray(type))
      return each(
        type.map(one => ({ ...schema, type: one })),
        '|',
      )
    if (type === 'array') return this.list(schema, file, indent)
    if (type === 'object' || schema.properties !== undefined) return this.object(schema, file, indent)
    return primitives[String(type)] ?? 'unknown'
  }

  private list({ items }: Part, file: string, indent: string): string {
    if (Array.isArray(items))
      return `readonly [${items.map(item => this.typeOf(item, file, indent)).join(', ')}, ...unknown[]]`
    return `ReadonlyArray<${this.typeOf(items, file, indent)}>`
  }

  private object(schema: Part, file: string, indent: string): string {
    if (isObject(schema.properties)) return this.fields(schema, file, indent)
    const { additionalProperties } = schema
    return `Readonly<Record<string, ${isObject(additionalProperties) ? this.typeOf(additionalProperties, file, indent) : 'unknown'}>>`
  }

  private referred(ref: string, file: string): string {
    const place = placeOf(ref, file)
    const name = this.names.get(`${place.file}${place.pointer}`)
    if (name !== undefined) return name
    const known = [...this.names.keys()].map(each => each.replace('#', `${jsonSchemaEnd}#`).replace(/#$/, ''))
    throw new TopologyError(`${file}${jsonSchemaEnd}: no schema is at "${ref}"; there are ${known.join(', ')}`)
  }

  /** A schema with those of other files that it refers to among its definitions. */
  private bundled(file: string): JsonSchemaJson {
    const others = new Map<string, unknown>()
    const taken = (from: string): unknown => {
      const within = (part: unknown): unknown => {
        if (Array.isArray(part)) return part.map(within)
        if (!isObject(part)) return part
        return Object.fromEntries(
          Object.entries(part).map(([keyword, each]) => [
            keyword,
            keyword === '$ref' ? moved(String(each), from) : within(each),
          ]),
        )
      }
      return within(this.schemas.get(from))
    }
    const moved = (ref: string, from: string): string => {
      this.referred(ref, from)
      const place = placeOf(ref, from)
      if (place.file === file) return place.pointer
      if (!others.has(place.file)) {
        others.set(place.file, undefined)
        others.set(place.file, taken(place.file))
      }
      return `#/$defs/${place.file}${place.pointer.slice(1)}`
    }
    const own = taken(file)
    if (others.size === 0 || !isObject(own)) return own as JsonSchemaJson
    return { ...own, $defs: { ...(own.$defs as Part | undefined), ...Object.fromEntries(others) } }
  }
}

const bracketed = (type: string): string => (/[|&]/.test(type) && !type.startsWith('{') ? `(${type})` : type)

/** `place.schema.json#/$defs/Point`, `./place.schema.json`, `#/$defs/Point`. */
function placeOf(ref: string, file: string): Place {
  const [path = '', pointer = ''] = ref.split('#')
  const named = path.replace(/^\.\//, '')
  return { file: named === '' ? file : named.replace(new RegExp(`${jsonSchemaEnd}$`), ''), pointer: `#${pointer}` }
}
