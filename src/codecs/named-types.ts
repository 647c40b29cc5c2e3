import { ConfigError } from '../errors'
import type { AvroDefinition, AvroNamed, AvroTypeJson } from './avro-schema'
import { logicalOf } from './logical'
import { isNanos } from './value-looks'

/** A record, enum or fixed type of a folder of schemas. */
export interface NamedType {
  /** With its namespace: `shop.Address`. */
  readonly fullName: string
  /** The namespace that names within it are of. */
  readonly namespace: string
  /** What TypeScript calls it. */
  readonly typeName: string
  /** The file that defines it first, without `.avsc`. */
  readonly file: string
  readonly definition: AvroNamed
}

const namedKinds: ReadonlySet<unknown> = new Set(['record', 'enum', 'fixed'])
/** What generated types use themselves. */
const taken: ReadonlySet<string> = new Set([
  ...['AvroDuration', 'AvroSchema', 'Buffer', 'Decimal', 'Long', 'Readonly', 'ReadonlyArray', 'Record'],
])

const isNamed = (type: AvroTypeJson | undefined): type is AvroNamed & AvroDefinition =>
  typeof type === 'object' && !Array.isArray(type) && namedKinds.has((type as AvroDefinition).type)

/** The types within one: branches of a union, items, values, and the types of fields. */
function partsOf(type: AvroTypeJson): readonly AvroTypeJson[] {
  if (Array.isArray(type)) return type
  if (typeof type === 'string') return []
  const { type: own, items, values, fields = [] } = type as AvroDefinition
  const inner = isNamed(type) ? [] : [own]
  return [...inner, items, values, ...fields.map(field => field.type)].filter(part => part !== undefined)
}

const namespaceOf = (fullName: string): string => fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')))
const shortName = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1)
const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The named types of a folder's schemas, found as Avro finds names (1.11, "Names"). Throws ConfigError where two files define one name differently. */
export class NamedTypes {
  private readonly byName = new Map<string, NamedType>()

  constructor(private readonly schemas: ReadonlyMap<string, AvroNamed>) {
    for (const [file, schema] of schemas) this.learn(schema, '', file)
    const shorts = [...this.byName.keys()].map(shortName)
    for (const [fullName, type] of this.byName) {
      const short = shortName(fullName)
      const isPlain = !taken.has(short) && shorts.indexOf(short) === shorts.lastIndexOf(short)
      const typeName = isPlain
        ? short
        : `${fullName.split('.').map(capitalized).join('')}${taken.has(fullName) ? 'Value' : ''}`
      this.byName.set(fullName, { ...type, typeName })
    }
  }

  /** Those that a file defines and none before it, its own first. */
  ofFile(file: string): NamedType[] {
    return [...this.byName.values()].filter(type => type.file === file && type.definition.type !== 'fixed')
  }

  /** The type that a file is. */
  root(file: string): NamedType {
    const schema = this.schemas.get(file)
    const found = schema && this.byName.get(this.fullName(schema, ''))
    if (found === undefined) throw new ConfigError(`there is no schema ${file}.avsc`)
    return found
  }

  /** The type that a name means within a namespace. */
  find(name: string, namespace: string): NamedType | undefined {
    return this.byName.get(qualified(name, namespace)) ?? this.byName.get(name)
  }

  fullName({ name, namespace }: Pick<AvroNamed, 'name' | 'namespace'>, outer: string): string {
    return qualified(name, namespace ?? outer)
  }

  /** Whether a file defines all that it refers to. */
  standsAlone(file: string): boolean {
    const schema = this.schemas.get(file)
    const own = new Map<string, AvroNamed>()
    const define = (type: AvroTypeJson, outer: string): void => {
      const inner = isNamed(type) ? namespaceOf(this.fullName(type, outer)) : outer
      if (isNamed(type)) own.set(this.fullName(type, outer), type)
      for (const part of partsOf(type)) define(part, inner)
    }
    const refers = (type: AvroTypeJson, outer: string): boolean => {
      if (typeof type === 'string') {
        const found = this.find(type, outer)
        return found !== undefined && !own.has(found.fullName)
      }
      const inner = isNamed(type) ? namespaceOf(this.fullName(type, outer)) : outer
      return partsOf(type).some(part => refers(part, inner))
    }
    if (schema === undefined) return true
    define(schema as AvroTypeJson, '')
    return !refers(schema as AvroTypeJson, '')
  }

  /** Whether a long is in it, at any depth: it is then generic. */
  hasLong(type: NamedType): boolean {
    const seen = new Set<string>()
    const has = (each: AvroTypeJson, outer: string): boolean => {
      if (each === 'long') return true
      if (typeof each === 'object' && isNanos(logicalOf(each as AvroDefinition))) return false
      const named = isNamed(each)
        ? this.find(this.fullName(each, outer), '')
        : typeof each === 'string'
          ? this.find(each, outer)
          : undefined
      if (named === undefined) return partsOf(each).some(part => has(part, outer))
      if (seen.has(named.fullName)) return false
      seen.add(named.fullName)
      return partsOf(named.definition as AvroTypeJson).some(part => has(part, named.namespace))
    }
    return has(type.definition as AvroTypeJson, namespaceOf(type.fullName))
  }

  private learn(type: AvroTypeJson, outer: string, file: string): void {
    let inner = outer
    if (isNamed(type)) {
      const fullName = this.fullName(type, outer)
      inner = namespaceOf(fullName)
      const known = this.byName.get(fullName)
      if (known === undefined)
        this.byName.set(fullName, { fullName, namespace: inner, typeName: '', file, definition: type })
      else if (JSON.stringify(known.definition) !== JSON.stringify(type))
        throw new ConfigError(
          `${known.file}.avsc and ${file}.avsc define ${fullName} differently: keep one, and name it in the other`,
        )
    }
    for (const part of partsOf(type)) this.learn(part, inner, file)
  }
}

function qualified(name: string, namespace: string): string {
  if (name.startsWith('.')) return name.slice(1)
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}
