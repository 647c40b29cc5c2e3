import { type Type, types } from 'avsc'
import type { FullTap, Readable, Resolver } from './avro-reading'
import { evolving } from './avro-resolution'
import { inUnits, unitOf } from './avro-units'
import { decimalBytes, decimalOf, fixedDecimalBytes, isDecimal } from './decimal'
import { digitsOf, type LogicalPart, logicalOf } from './logical'
import { InexactError } from './varint'

/** Avro's duration (1.12, "Duration"): three counts of their own, none of which can be had from another. Each 0 to 4,294,967,295. */
export interface AvroDuration {
  readonly months: number
  readonly days: number
  readonly millis: number
}

/** How values of a logical type stand in the bytes of its underlying one. */
interface Form {
  /** What a value is in JavaScript. */
  readonly look: 'string' | 'object'
  /** The bytes, or undefined for what is no value of the type. */
  toBytes(value: unknown): Buffer | undefined
  /** Throws Error for bytes that say no value. */
  fromBytes(bytes: Buffer): unknown
  is(value: unknown): boolean
  /** What messages call it. */
  readonly says: string
}

const uuidShape = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

export const isUuid = (value: unknown): value is string => typeof value === 'string' && uuidShape.test(value)

const uuid: Form = {
  says: 'uuid',
  look: 'string',
  is: isUuid,
  toBytes: value => (isUuid(value) ? Buffer.from(value.replaceAll('-', ''), 'hex') : undefined),
  fromBytes: bytes => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value >>> 0 === value
const isDuration = (value: unknown): value is AvroDuration => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return false
  const { months, days, millis } = value as Partial<AvroDuration>
  return isCount(months) && isCount(days) && isCount(millis)
}

const duration: Form = {
  says: 'duration',
  look: 'object',
  is: isDuration,
  toBytes(value) {
    if (!isDuration(value)) return undefined
    const bytes = Buffer.allocUnsafe(12)
    bytes.writeUInt32LE(value.months, 0)
    bytes.writeUInt32LE(value.days, 4)
    bytes.writeUInt32LE(value.millis, 8)
    return bytes
  },
  fromBytes: bytes => ({
    months: bytes.readUInt32LE(0),
    days: bytes.readUInt32LE(4),
    millis: bytes.readUInt32LE(8),
  }),
}

function decimal(part: LogicalPart): Form {
  const { precision, scale } = digitsOf(part)
  const size = part.type === 'fixed' ? Number(part.size) : undefined
  return {
    look: 'string',
    says: `decimal of ${precision} digits, ${scale} of them behind the point`,
    is: value => isDecimal(value, precision, scale),
    toBytes: value =>
      size === undefined ? decimalBytes(value, precision, scale) : fixedDecimalBytes(value, precision, scale, size),
    fromBytes: bytes => decimalOf(bytes, scale),
  }
}

type Hook = ((value: unknown, type: Type) => void) | undefined

/** A class of types like `Plain`, whose values have the form. Unions ask such a type itself whether a value is its own. */
function formed(Plain: typeof types.BytesType | typeof types.FixedType, form: Form, plainName: string) {
  class Formed extends (Plain as unknown as new (schema: never, options: object) => types.FixedType) {
    declare readonly _read: (tap: FullTap) => unknown
    _check(value: unknown, _: unknown, hook: Hook): boolean {
      const isValid = form.is(value)
      if (!isValid) hook?.(value, this)
      return isValid
    }
    /** A default of a schema is a text of one character a byte. */
    _copy(value: unknown, options?: { readonly coerce?: number }): unknown {
      if (options?.coerce !== undefined && options.coerce > 0 && typeof value === 'string')
        return form.fromBytes(Buffer.from(value, 'latin1'))
      return value
    }
    _deref(schema: object): unknown {
      return plainName === 'bytes' ? plainName : { ...schema, type: plainName, size: this.size }
    }
    _update(resolver: Resolver, writer: Readable, options: object): void {
      plainUpdate.call(this, resolver, writer, options)
      if (resolver._read !== undefined) resolver._read = tap => this._read(tap)
    }
  }
  const { _read, _write, _update: plainUpdate } = Plain.prototype as unknown as PlainMethods
  Object.assign(Formed.prototype, {
    typeName: `abstract:${plainName}`,
    _concreteTypeName: plainName,
    look: form.look,
    _read(tap: FullTap): unknown {
      const bytes = _read.call(this, tap) as Buffer | undefined
      // avsc reads nothing beyond the end, and says so afterwards.
      return bytes === undefined ? undefined : form.fromBytes(bytes)
    },
    _write(tap: FullTap, value: unknown): void {
      const bytes = form.toBytes(value)
      if (bytes === undefined) throw new InexactError(`${JSON.stringify(value)} is no ${form.says}`)
      _write.call(this, tap, bytes)
    },
  })
  evolving(Formed)
  return Formed as unknown as new (
    schema: never,
    options: object,
  ) => Type
}

interface PlainMethods {
  readonly _read: (tap: FullTap) => unknown
  readonly _write: (tap: FullTap, value: unknown) => void
  readonly _update: (resolver: Resolver, writer: Readable, options: object) => void
}

function formOf(part: LogicalPart): Form | undefined {
  const logical = logicalOf(part)
  if (logical === 'decimal') return decimal(part)
  if (logical === 'duration') return duration
  return logical === 'uuid' && part.type === 'fixed' ? uuid : undefined
}

/** The value that bytes of a logical type stand for. Throws Error for bytes that say no value. */
export function meantBy(part: LogicalPart, bytes: Buffer): unknown {
  return formOf(part)?.fromBytes(bytes) ?? bytes
}

/** The bytes of a value of a logical type; undefined for what is none, and for a type whose values are its bytes. */
export function bytesMeaning(part: LogicalPart, value: unknown): Buffer | undefined {
  return formOf(part)?.toBytes(value)
}

/**
 * The type of a part whose values are more than bytes: decimals are texts, a uuid in 16 bytes is its text, a duration its three counts. Undefined
 * for any other part.
 */
export function formedType(part: LogicalPart, options: object): Type | undefined {
  const form = formOf(part)
  if (form === undefined) return undefined
  const isFixed = part.type === 'fixed'
  const Formed = formed(isFixed ? types.FixedType : types.BytesType, form, isFixed ? 'fixed' : 'bytes')
  const Made = inUnits(Formed, unitOf(part))
  return new Made(part as never, options)
}
