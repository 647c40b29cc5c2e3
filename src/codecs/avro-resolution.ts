import { Type, types } from 'avsc'
import { type FullTap, type Readable, type Resolver, readCount, readText } from './avro-reading'
import type { Measured } from './avro-units'
import { areAlike, lookOf } from './value-looks'
import { readLong } from './varint'

/**
 * How what was written by one schema is read by another (Avro 1.11, "Schema Resolution"). avsc refuses a schema that may hold what the reader
 * can't read. Here a value is refused that holds it: a branch of a union, a symbol of an enum, an item of an array or a map. Only what every
 * value has refuses the schema.
 */
interface Options {
  readonly ignoreNamespaces: true
  /** False: everything that the writer may write has to be readable. */
  readonly isLenient: boolean
  /** What avsc has resolved, by `reader:writer` of records. */
  readonly registry: Record<string, Resolver>
}

/** avsc's own. */
const { createResolver: resolve, _peek: peek } = Type.prototype as unknown as {
  readonly createResolver: (this: Type, writer: Type, options: Options) => Resolver
  readonly _peek: NonNullable<Resolver['_peek']>
}

/** Throws Error for what no value of `writer` can be read of, or, unless lenient, any that can't. */
export function resolverOf(reader: Type, writer: Type, isLenient: boolean): ReturnType<Type['createResolver']> {
  const options: Options = { ignoreNamespaces: true, isLenient, registry: {} }
  return reader.createResolver(writer, options as never)
}

/** In the place of a resolver where there is none. */
function refusal(reader: Type, reason: string): Resolver {
  const refuse = (): never => {
    throw new Error(reason)
  }
  return { _readerType: reader, _read: refuse, _peek: refuse }
}

/** How `writer` is read, or why it isn't. */
function attempt(reader: Type, writer: Type, options: Options): Resolver | Error {
  try {
    return reader.createResolver(writer, options as never) as unknown as Resolver
  } catch (error) {
    if (!options.isLenient) throw error
    return error as Error
  }
}

const orRefusal = (reader: Type, found: Resolver | Error): Resolver =>
  found instanceof Error ? refusal(reader, found.message) : found

/** Items that values may have or not. */
const perhaps = (reader: Type, writer: Type, options: Options) => orRefusal(reader, attempt(reader, writer, options))

const isUnion = (type: Type): type is types.UnwrappedUnionType => type.typeName.startsWith('union')

/** Each branch by itself; throws where none can be read. */
function ofBranches(reader: Type, writer: types.UnwrappedUnionType, options: Options): Resolver {
  const branches = writer.types.map(branch => attempt(reader, branch, options))
  const [first] = branches
  if (first instanceof Error && branches.every(each => each instanceof Error)) throw first
  const readers = branches.map(each => orRefusal(reader, each))
  const _read = (tap: FullTap) => {
    const index = readLong(tap)
    const branch = readers[index]
    if (branch === undefined) throw new Error(`a union has no branch ${index}`)
    return branch._read(tap)
  }
  return { _readerType: reader, _read, _peek: peek }
}

/** In place of avsc's own `createResolver`, for each type of a schema. */
function evolve(this: Type & Measured, writer: Type & Measured, options: Options): Resolver {
  if (isUnion(writer)) return ofBranches(this, writer, options)
  if (this.unit !== undefined && writer.unit !== undefined && this.unit !== writer.unit)
    throw new Error(`it was written in ${writer.unit}, and would be read in ${this.unit}`)
  try {
    return resolve.call(this, writer, options)
  } catch (error) {
    // avsc would go on with what it has begun.
    const key = `${this.name}:${writer.name}`
    const begun = options.registry[key]
    if (begun !== undefined) Object.assign(begun, refusal(this, (error as Error).message))
    delete options.registry[key]
    throw error
  }
}

/** Lets values of these classes be resolved as above. */
export function evolving(...classes: readonly { readonly prototype: Type }[]): void {
  for (const { prototype } of classes) Object.assign(prototype, { createResolver: evolve })
}

class Null extends types.NullType {}
class Bool extends types.BooleanType {}
class Bytes extends types.BytesType {}
class Fixed extends types.FixedType {}

/** What avsc makes a record's objects by, in the only place that it has for that. */
type MakeConstructor = (...more: unknown[]) => { prototype: unknown }
const { _createConstructor: constructorOf } = types.RecordType.prototype as unknown as {
  readonly _createConstructor: MakeConstructor
}

class RecordOf extends types.RecordType {
  /** Values are plain objects: a class of avsc's would make them unequal to the same ones that an author's test writes. */
  _createConstructor(...more: unknown[]): { prototype: unknown } {
    const made = constructorOf.apply(this, more)
    made.prototype = Object.prototype
    return made
  }
  _update(resolver: Resolver, writer: Type, options: Options): void {
    if (writer instanceof types.RecordType) updateRecord.call(this, resolver, writer, options)
  }
}

class ArrayOf extends types.ArrayType {
  _update(resolver: Items, writer: Type, options: Options): void {
    if (!(writer instanceof types.ArrayType)) return
    resolver.itemsType = perhaps(this.itemsType, writer.itemsType, options)
    resolver._read = (this as unknown as Readable)._read
  }
}

/** avsc sets a map's key `__proto__` as the prototype. */
class MapOf extends types.MapType {
  _read(tap: FullTap): Record<string, unknown> {
    const values: Readable = this.valuesType
    const map: Record<string, unknown> = {}
    for (let count = readCount(tap); count > 0; count = readCount(tap)) {
      for (let i = 0; i < count; i++) {
        const key = readText(tap) as string
        const value = values._read(tap)
        if (key === '__proto__')
          Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
        else map[key] = value
      }
    }
    return map
  }
  _update(resolver: Items, writer: Type, options: Options): void {
    if (!(writer instanceof types.MapType)) return
    resolver.valuesType = perhaps(this.valuesType, writer.valuesType, options)
    resolver._read = this._read as Resolver['_read']
  }
}

/** A writer may know symbols that the reader lacks. */
class EnumOf extends types.EnumType {
  _update(resolver: Symbols, writer: EnumLike, options: Options): void {
    if (!options.isLenient) {
      updateEnum.call(this, resolver, writer, options)
      return
    }
    // Asked with the reader's own symbols, avsc compares the names alone.
    const known = Object.create(writer, { symbols: { value: this.symbols } }) as EnumLike
    updateEnum.call(this, resolver, known, options)
    if (writer.typeName !== 'enum' || !resolver._read) return
    const fallback = (this as { default?: string }).default
    const symbols = writer.symbols.map(symbol => (this.symbols.includes(symbol) ? symbol : fallback))
    resolver._read = tap => {
      const index = readLong(tap)
      const symbol = symbols[index]
      if (symbol !== undefined) return symbol
      const named = writer.symbols[index]
      throw new Error(
        named === undefined
          ? `invalid ${this.name} enum index: ${index}`
          : `${named} is no symbol of enum ${this.name}`,
      )
    }
  }
}

class UnwrappedOf extends types.UnwrappedUnionType {
  _update(resolver: Resolver, writer: Type, options: Options): void {
    updateUnwrapped.call(sameFirst(this, writer), resolver, writer, options)
  }
}

class WrappedOf extends types.WrappedUnionType {
  _update(resolver: Resolver, writer: Type, options: Options): void {
    updateWrapped.call(sameFirst(this, writer), resolver, writer, options)
  }
}

const nameOf = ({ typeName, name }: Type) => name?.slice(name.lastIndexOf('.') + 1) ?? typeName.replace('abstract:', '')

/** avsc takes the first branch that can read what was written: a text as bytes, an int as a float. It is the same type that is meant. */
function sameFirst<T extends Type & { readonly types: Type[] }>(union: T, writer: Type): T {
  const same = union.types.filter(branch => nameOf(branch) === nameOf(writer))
  if (same.length === 0) return union
  return Object.create(union, { types: { value: [...same, ...union.types.filter(each => !same.includes(each))] } }) as T
}

type Update<W extends Type, R extends Resolver> = (resolver: R, writer: W, options: Options) => void
const updateOf = <W extends Type, R extends Resolver>(prototype: object) =>
  (prototype as { readonly _update: Update<W, R> })._update
const updateEnum = updateOf<EnumLike, Symbols>(types.EnumType.prototype)
const updateRecord = updateOf<Type, Resolver>(types.RecordType.prototype)
const updateUnwrapped = updateOf<Type, Resolver>(types.UnwrappedUnionType.prototype)
const updateWrapped = updateOf<Type, Resolver>(types.WrappedUnionType.prototype)

interface EnumLike extends Readable {
  readonly symbols: readonly string[]
}
type Symbols = Resolver & { symbols?: readonly unknown[] }
type Items = Resolver & { itemsType?: Resolver; valuesType?: Resolver }

evolving(Null, Bool, Bytes, Fixed, RecordOf, ArrayOf, MapOf, EnumOf, UnwrappedOf, WrappedOf)

/** Types that values can be read and written by as they are. */
export const plainTypes = { null: new Null(), boolean: new Bool(), bytes: new Bytes() }

/** Types that are made of others, or have names. */
export const compositeTypes: Readonly<Record<string, new (schema: never, options: object) => Type>> = {
  ...{ fixed: Fixed, enum: EnumOf, array: ArrayOf, map: MapOf, record: RecordOf, error: RecordOf },
}

/** A type whose values look otherwise in JavaScript than those of its underlying one. */
interface Looking extends Type {
  readonly look?: string
}

/** A union whose values say by themselves which branch they are, else one whose values name it. */
export function unionOf(branches: readonly Looking[], options: object): Type {
  const Union = areAlike(branches.map(({ look, typeName }) => look ?? lookOf(typeName, undefined)))
    ? WrappedOf
    : UnwrappedOf
  return new Union(branches as never, options)
}
