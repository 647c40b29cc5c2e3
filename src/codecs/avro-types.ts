import { Type, types } from 'avsc'
import { type FullTap, isLongType, type Readable, type Resolver, readText } from './avro-reading'
import { compositeTypes, evolving, plainTypes, unionOf } from './avro-resolution'
import { inUnits, unitOf, withUnit } from './avro-units'
import { logicalOf } from './logical'
import { formedType } from './logical-types'
import { isUnicode } from './text'
import { isNanos } from './value-looks'
import { InexactError, isLong, readBigLong, readLong, writeBigLong, writeInt, writeLong } from './varint'

/** How an Avro long is held: as a number, which is exact up to ±(2^53 - 1), or as a bigint, which holds all of its 64 bits. */
export type LongAs = 'number' | 'bigint'

type Hook = ((value: unknown, type: Type) => void) | undefined
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

type Primitives = Readonly<Record<'int' | 'long' | 'float' | 'double' | 'string', Type>>

const exact = { int: new Int(), float: new Float(), double: new Double(), string: new Text() }
const longs: Readonly<Record<LongAs, Type>> = { number: new NumberLong(), bigint: new BigLong() }

/** Nanoseconds since 1970 are beyond 2^53: bigints, however other longs are held. */
class NanoLong extends BigLong {}
Object.assign(NanoLong.prototype, { look: 'bigint' })
const nanos = new NanoLong()

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

evolving(Int, NumberLong, BigLong, Double, Float, Text, ReadOnlyLong)

/** Whether values are as JavaScript has them, or as the bytes have them: a decimal's bytes, nanoseconds as any long. */
type ValuesAs = 'meant' | 'written'

/** Compiles a schema with types of ours. Throws Error for what is no Avro schema. */
export function compileAvro(schema: unknown, primitives: Primitives, valuesAs: ValuesAs): Type {
  const known = new Map<unknown, Type>(Object.entries({ ...plainTypes, ...primitives }))
  const typeHook = (part: unknown, options: object): Type | undefined => {
    if (Array.isArray(part))
      return unionOf(
        part.map(each => Type.forSchema(each as never, options)),
        options,
      )
    const meant = valuesAs === 'meant' ? meantType(part as object, options) : undefined
    if (meant !== undefined) return meant
    // `int` and `{ type: 'int' }` alike.
    const { type } = part as { type?: unknown }
    const primitive = known.get(type ?? part)
    if (primitive !== undefined) return withUnit(primitive, unitOf(part))
    if (typeof type === 'object') return Type.forSchema(type as never, options)
    const Composite = typeof type === 'string' ? compositeTypes[type] : undefined
    if (Composite === undefined) return undefined
    const Made = inUnits(Composite, type === 'fixed' ? unitOf(part) : undefined)
    return new Made(part as never, options)
  }
  return Type.forSchema(schema as never, { omitRecordMethods: true, typeHook: typeHook as never })
}

function meantType(part: object, options: object): Type | undefined {
  return isNanos(logicalOf(part)) ? withUnit(nanos, unitOf(part)) : formedType(part, options)
}

/**
 * Compiles a schema to a type that takes and gives values exactly, or throws: longs as `long` says, ints of 32 bits, finite floats and
 * doubles, text that is Unicode, every key of a map, at any depth. Throws Error for what is no Avro schema.
 */
export const avroType = (schema: unknown, long: LongAs = 'number'): Type =>
  compileAvro(schema, { ...exact, long: longs[long] }, 'meant')

/** The same of what was written, by its `writtenPart`: what it holds is read as the reader's type says. */
export const writerAvroType = (schema: unknown): Type => compileAvro(schema, { ...exact, long: writerLong }, 'written')

/** What a schema says of bytes: what it says to readers, such as a field's default, may be wrong and is of no use. */
export function writtenPart(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(writtenPart)
  if (typeof schema !== 'object' || schema === null) return schema
  const { aliases: _, default: __, ...part } = schema as Readonly<Record<string, unknown>>
  const inner = (name: string) => (name in part ? { [name]: writtenPart(part[name]) } : {})
  const { fields } = part
  const isRecord = Array.isArray(fields)
  return {
    ...{ ...part, ...inner('type'), ...inner('items'), ...inner('values') },
    ...(isRecord ? { fields: fields.map(({ name, type }) => ({ name, type: writtenPart(type) })) } : {}),
  }
}
