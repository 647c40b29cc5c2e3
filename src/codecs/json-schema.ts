import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2019'
import { TopologyError } from '../errors'
import { jsonFormats } from './json-formats'

declare const valueType: unique symbol

/** A JSON Schema as its file holds it. */
export type JsonSchemaJson = boolean | { readonly [keyword: string]: unknown }

/**
 * A JSON Schema that knows, for the compiler only, the type of its values. `weir schemas types` makes them of files named `NAME.schema.json`.
 * Drafts 6 to 2019-09; a keyword that these don't have is refused, but for names with a point or `x-` before them, which are notes.
 */
export interface JsonSchema<T> {
  /** As the file is called, without `.schema.json`. */
  readonly name: string
  readonly jsonSchema: JsonSchemaJson
  readonly [valueType]?: T
}

const kinds: Readonly<Record<string, string>> = {
  ...{ string: 'a string', number: 'a number', integer: 'an integer', boolean: 'true or false' },
  ...{ object: 'an object', array: 'an array', null: 'null' },
}

/** What a value is, for a message: not itself where it may be large. */
function shown(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return (JSON.stringify(value) ?? typeof value).slice(0, 40)
  return Array.isArray(value) ? 'an array' : 'an object'
}

/** `/pickup/city` is `pickup.city`. */
const pathOf = (pointer: string): string =>
  pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')

const within = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

function sentence({ keyword, dataPath, params, data, message = '' }: ErrorObject): string {
  const path = pathOf(dataPath)
  const what = path === '' ? 'it' : `field ${path}`
  if (keyword === 'required') return `field ${within(path, params.missingProperty)} is missing`
  if (keyword === 'additionalProperties')
    return `field ${within(path, params.additionalProperty)} is none of the schema's`
  if (keyword === 'enum') return `${what} must be one of ${params.allowedValues.map(shown).join(', ')}`
  if (keyword === 'const') return `${what} must be ${shown(params.allowedValue)}`
  if (keyword === 'format') return `${what} must be a ${params.format}, and is ${shown(data)}`
  if (keyword === 'anyOf' || keyword === 'oneOf') return `${what} is ${shown(data)}, which is nothing that it may be`
  if (keyword !== 'type') return `${what} ${message.replace(/^should /, 'must ')}`
  const types = [params.type].flat().map(type => kinds[type] ?? type)
  return `${what} must be ${types.join(' or ')}, and is ${shown(data)}`
}

/** Of a union that nothing fits, what is wrong within one of its types says more than that. */
function foremost(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const last = errors.at(-1)
  return errors.reduce((found, each) => (each.dataPath.length > (found?.dataPath.length ?? 0) ? each : found), last)
}

/** Names that a schema may carry for others to read. */
const isNote = (keyword: string): boolean => keyword.startsWith('x-') || keyword.includes('.')

/** Keywords whose names are the author's own, and those that hold data. */
const named: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
])
const data: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples'])

function withoutNotes(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutNotes)
  if (typeof part !== 'object' || part === null) return part
  const kept = Object.entries(part).filter(([keyword]) => !isNote(keyword))
  return Object.fromEntries(
    kept.map(([keyword, each]) => {
      if (data.has(keyword)) return [keyword, each]
      const isNamed = named.has(keyword) && typeof each === 'object' && each !== null
      const inner = (schema: object) => Object.entries(schema).map(([name, own]) => [name, withoutNotes(own)])
      return [keyword, isNamed ? Object.fromEntries(inner(each)) : withoutNotes(each)]
    }),
  )
}

const compiled = new WeakMap<object, ValidateFunction>()

function compile({ name, jsonSchema }: JsonSchema<unknown>): ValidateFunction {
  const known = typeof jsonSchema === 'object' ? compiled.get(jsonSchema) : undefined
  if (known !== undefined) return known
  try {
    // A keyword that is misspelt would else check nothing, and nobody would hear of it.
    const ajv = new Ajv({
      ...{ strict: true, strictTypes: false, strictTuples: false, verbose: true },
      formats: jsonFormats,
    })
    const validate = ajv.compile(withoutNotes(withoutDraft(jsonSchema)) as JsonSchemaJson)
    if (typeof jsonSchema === 'object') compiled.set(jsonSchema, validate)
    return validate
  } catch (cause) {
    const why = (cause as Error).message
      .replace(/^strict mode: /, '')
      .replace(/^schema is invalid: data/, 'it is none: ')
    throw new TopologyError(`JSON Schema ${name}: ${why}`, { cause })
  }
}

/** The drafts differ in nothing that is understood, and ajv takes the name of its own alone. */
function withoutDraft(schema: JsonSchemaJson): JsonSchemaJson {
  if (typeof schema === 'boolean') return schema
  const { $schema: _, ...rest } = schema
  return rest
}

/** What finds why a value isn't of a schema; undefined where it is. Throws TopologyError for what is no schema, and for a keyword that isn't understood. */
export function jsonSchemaCheck(schema: JsonSchema<unknown>): (value: unknown) => string | undefined {
  const validate = compile(schema)
  return value => {
    if (validate(value)) return undefined
    const error = foremost(validate.errors ?? [])
    return error === undefined ? 'it is nothing that the schema allows' : sentence(error)
  }
}
