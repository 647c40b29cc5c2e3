import { Type, types } from 'avsc'
import { decodeUtf8, isUnicode } from './text'
import { InexactError, isLong, readBigLong, readLong, type Tap, writeBigLong, writeInt, writeLong } from './varint'

/** How an Avro long is held: as a number, which is exact up to ±(2^53 - 1), or as a bigint, which holds all of its 64 bits. */
export type LongAs = 'number' | 'bigint'

/** avsc's own methods of a tap and of a type, as far as the types below use or replace them; it describes neither. */
export interface FullTap extends Tap {
  readFloat(): number
  readDouble(): number
  writeFloat(value: number): void
  writeDouble(value: number): void
  writeString(value: string): void
}
type Hook = ((value: unknown, type: Type) => void) | undefined
export interface Resolver {
  _read: (tap: FullTap) => unknown
}
export interface Readable extends Type {
  _read(tap: FullTap): unknown
}

function checked(type: Type, isValid: boolean, value: unknown, hook: Hook): boolean {
  if (!isValid) hook?.(value, type)
  return isValid
}

const isInt = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value
const isNumber = (value: unknown): value is number => Number.isFinite(value)

function refuse(value: unknown, type: string): never {
  throw new InexactError(`${typeof value === 'string' ? JSON.stringify(value) : String(value)} is no ${type}`)
}

/** A varint has room for more than the 32 bits of an int. */
class Int extends types.IntType {
  _check(value: unknown, _: unknown, hook: Hook): boolean {
    return checked(this, isInt(value), value, hook)
  }
  _read(tap: FullTap): number {
    const value = readLong(tap)
    if ((value | 0) !== value) throw new InexactError('an int is beyond 32 bits')
    return value
  }
  _write(tap: FullTap, value: unknown): void {
    writeInt(tap, isInt(value) ? value : refuse(value, 'int'))
  }
}

class NumberLong extends types.LongType {
  _check(value: unknown, _: unknown, hook: Hook): boolean {
    return checked(this, Number.isSafeInteger(value), value, hook)
  }
  _read(tap: FullTap): number {
    return readLong(tap)
  }
  _write(tap: FullTap, value: unknown): void {
    writeLong(tap, Number.isSafeInteger(value) ? (value as number) : refuse(value, 'long'))
  }
}

class BigLong extends types.LongType {
  _deref(): string {
    return 'long'
  }
  _check(value: unknown, _: unknown, hook: Hook): boolean {
    return checked(this, typeof value === 'bigint' && isLong(value), value, hook)
  }
  _read(tap: FullTap): bigint {
    return readBigLong(tap)
  }
  _write(tap: FullTap, value: unknown): void {
    writeBigLong(tap, typeof value === 'bigint' && isLong(value) ? value : refuse(value, 'long'))
  }
  /** Defaults of a schema are numbers. */
  _copy(value: unknown): bigint {
    if (typeof value === 'bigint' && isLong(value)) return value
    return Number.isSafeInteger(value) ? BigInt(value as number) : refuse(value, 'long')
  }
  _update(resolver: Resolver, writer: Readable): void {
    if (writer.typeName === 'int' || isLongType(writer)) resolver._read = readBigLong
  }
}

// Named so, unions ask this type whether a value is its own: they know no bigints.
Object.assign(BigLong.prototype, { typeName: 'abstract:long', _concreteTypeName: 'long' })

/** NaN and infinities poison every sum that they enter. */
class Double extends types.DoubleType {
  _check(value: unknown, _: unknown, hook: Hook): boolean {
    return checked(this, isNumber(value), value, hook)
  }
  _read(tap: FullTap): number {
    const value = tap.readDouble()
    // NaN - NaN and Infinity - Infinity are NaN.
    if (value - value !== 0) throw new InexactError(`a double is ${value}`)
    return value
  }
  _write(tap: FullTap, value: unknown): void {
    tap.writeDouble(isNumber(value) ? value : refuse(value, 'double'))
  }
  _update(resolver: Resolver, writer: Readable): void {
    updateReal(resolver, writer, /^(double|float|int)$/)
  }
}

class Float extends types.FloatType {
  _check(value: unknown, _: unknown, hook: Hook): boolean {
    return checked(this, isFloat(value), value, hook)
  }
  _read(tap: FullTap): number {
    const value = tap.readFloat()
    if (value - value !== 0) throw new InexactError(`a float is ${value}`)
    return value
  }
  _write(tap: FullTap, value: unknown): void {
    tap.writeFloat(isFloat(value) ? value : refuse(value, 'float'))
  }
  _update(resolver: Resolver, writer: Readable): void {
    updateReal(resolver, writer, /^(float|int)$/)
  }
}

/** One beyond 3.4e38 would be written as infinity. */
const isFloat = (value: unknown): value is number => isNumber(value) && Number.isFinite(Math.fround(value))

/** A long may be read as a double (Avro 1.11, "Schema Resolution"). */
function updateReal(resolver: Resolver, writer: Readable, same: RegExp): void {
  if (same.test(writer.typeName)) resolver._read = writer._read
  else if (isLongType(writer)) resolver._read = readLong
}

/** Text that is no UTF-8, or no Unicode, would be changed without a word. */
class Text extends types.StringType {
  _check(value: unknown, _: unknown, hook: Hook): boolean {
    return checked(this, isText(value), value, hook)
  }
  _read(tap: FullTap): string | undefined {
    return readText(tap)
  }
  _write(tap: FullTap, value: unknown): void {
    tap.writeString(isText(value) ? value : refuse(value, 'text'))
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && isUnicode(value)

function readText(tap: Tap): string | undefined {
  const length = readLong(tap)
  const start = tap.pos
  if (length < 0) throw new Error('a text has less than no bytes')
  tap.pos = start + length
  return tap.pos > tap.buf.length ? undefined : decodeUtf8(tap.buf, start, tap.pos)
}

/** avsc sets a map's key `__proto__` as the prototype. */
class Dictionary extends types.MapType {
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
}

/**
 * A writer may know symbols that the reader lacks: its other records are read all the same. By Avro's rules the record is refused that has
 * one (1.11, "Schema Resolution"); avsc refuses the schema.
 */
class Enumeration extends types.EnumType {
  _update(resolver: SymbolResolver, writer: EnumLike, options: object): void {
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

interface EnumLike extends Readable {
  readonly symbols: readonly string[]
}
type SymbolResolver = Resolver & { symbols?: readonly unknown[] }
const updateEnum = (
  types.EnumType.prototype as unknown as { _update(resolver: SymbolResolver, writer: EnumLike, options: object): void }
)._update

/** A negative count is followed by the size of its block. */
function readCount(tap: Tap): number {
  const count = readLong(tap)
  if (count >= 0) return count
  readLong(tap)
  return -count
}

export const isLongType = ({ typeName }: Type): boolean => typeName === 'long' || typeName === 'abstract:long'

type Primitives = Readonly<Record<'int' | 'long' | 'float' | 'double' | 'string', Type>>

const exact = { int: new Int(), float: new Float(), double: new Double(), string: new Text() }
const longs: Readonly<Record<LongAs, Type>> = { number: new NumberLong(), bigint: new BigLong() }

/**
 * A long of a schema that is only read with. avsc copies and encodes the defaults that the schema has; nobody uses them, and a writer's may
 * be beyond 2^53.
 */
export class ReadOnlyLong extends types.LongType {
  _copy(value: unknown): unknown {
    return value
  }
  _write(tap: FullTap): void {
    writeLong(tap, 0)
  }
  _read(tap: FullTap): unknown {
    return readLong(tap)
  }
}
const writerLong = new ReadOnlyLong()

/**
 * Compiles a schema with types of ours for some primitives. `symbols`: whether it reads what an enum of other symbols wrote where it has
 * `all` of them, or as far as they are `known`. Throws Error for what is no Avro schema.
 */
export function compileAvro(schema: unknown, primitives: Primitives, symbols: 'all' | 'known' = 'known'): Type {
  const known = new Map<unknown, Type>(Object.entries(primitives))
  const typeHook = (part: unknown, options: object): Type | undefined => {
    // `int` and `{ type: 'int' }` alike.
    const { type } = part as { type?: unknown }
    const primitive = known.get(type ?? part)
    if (primitive !== undefined) return primitive
    if (type === 'map') return new Dictionary(part as never, options)
    if (type === 'enum' && symbols === 'known') return new Enumeration(part as never, options)
    return typeof type === 'object' ? Type.forSchema(type as never, options) : undefined
  }
  return Type.forSchema(schema as never, { omitRecordMethods: true, typeHook: typeHook as never })
}

/**
 * Compiles a schema to a type that takes and gives values exactly, or throws: longs as `long` says, ints of 32 bits, finite floats and
 * doubles, text that is Unicode, every key of a map, at any depth. Throws Error for what is no Avro schema.
 */
export const avroType = (schema: unknown, long: LongAs = 'number'): Type =>
  compileAvro(schema, { ...exact, long: longs[long] })

/** The same of what was written: what it holds is read as the reader's type says. */
export const writerAvroType = (schema: unknown): Type => compileAvro(schema, { ...exact, long: writerLong })
