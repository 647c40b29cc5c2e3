import { type Type, types } from 'avsc'
import { type FullTap, isLongType, type Readable, type Resolver } from './avro-reading'
import { evolving } from './avro-resolution'
import { compileAvro, type LongAs, ReadOnlyLong } from './avro-types'
import { decodeUtf8 } from './text'
import { readBigLong, type Tap } from './varint'

/** Whatever the wire holds: a number where that is exact, else a bigint. */
function readAny(tap: Tap): number | bigint {
  const value = readBigLong(tap)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

class AnyInt extends types.IntType {
  _read(tap: FullTap): number | bigint {
    return readAny(tap)
  }
}

class AnyLong extends ReadOnlyLong {
  override _read(tap: FullTap): number | bigint {
    return readAny(tap)
  }
  _update(resolver: Resolver, writer: Readable): void {
    if (writer.typeName === 'int' || isLongType(writer)) resolver._read = readAny
  }
}

class AnyDouble extends types.DoubleType {
  _update(resolver: Resolver, writer: Readable): void {
    if (isLongType(writer)) resolver._read = readAny
    else if (/^(double|float|int)$/.test(writer.typeName)) resolver._read = writer._read
  }
}

class AnyFloat extends types.FloatType {
  _update(resolver: Resolver, writer: Readable): void {
    if (isLongType(writer)) resolver._read = readAny
    else if (/^(float|int)$/.test(writer.typeName)) resolver._read = writer._read
  }
}

/** Bytes where they are no UTF-8. */
class AnyText extends types.StringType {
  _read(tap: FullTap): string | Buffer {
    const length = Number(readAny(tap))
    const start = tap.pos
    tap.pos = start + length
    try {
      return decodeUtf8(tap.buf, start, tap.pos)
    } catch {
      return tap.buf.subarray(start, tap.pos)
    }
  }
}

const any = {
  int: new AnyInt(),
  long: new AnyLong(),
  float: new AnyFloat(),
  double: new AnyDouble(),
  string: new AnyText(),
}

evolving(AnyInt, AnyLong, AnyFloat, AnyDouble, AnyText)

/** A type that takes every value as the wire has it, also those that `avroType` refuses. */
export const anyAvroType = (schema: unknown): Type => compileAvro(schema, any, 'meant')

/** The same of what was written. */
export const anyWriterType = (schema: unknown): Type => compileAvro(schema, any, 'written')

const remedy: Readonly<Record<LongAs, string>> = {
  number: "beyond ±(2^53 - 1), where numbers aren't exact: avro(schema, { long: 'bigint' }) has it as it is",
  bigint: 'beyond 64 bits',
}

function reasonOf(value: unknown, long: LongAs): string | undefined {
  if (typeof value === 'bigint' && long === 'number' && Number.isSafeInteger(Number(value)))
    return "a bigint, which is written by avro(schema, { long: 'bigint' })"
  if (typeof value === 'bigint') return `${value}, ${remedy[long]}`
  if (Buffer.isBuffer(value)) return 'no text in UTF-8'
  if (typeof value === 'string') return 'text with half of a surrogate pair, which UTF-8 has no form for'
  if (typeof value !== 'number') return undefined
  if (!Number.isFinite(value)) return `${value}`
  if (!Number.isInteger(value)) return undefined
  if (!Number.isSafeInteger(value)) return `${value}, ${remedy[long]}`
  return undefined
}

/**
 * Why `type` refuses a value, naming the first field that it refuses: `field a.0.b is NaN`. Undefined where there is no better text than
 * avsc's own; `fields` are then what it refuses.
 */
export function faultOf(type: Type, value: unknown, long: LongAs): { reason?: string; fields: string[] } {
  const fields: string[] = []
  let reason: string | undefined
  type.isValid(value, {
    errorHook: (path: string[], part: unknown, expected: Type) => {
      const field = path.join('.')
      fields.push(field)
      const name = field === '' ? 'the value' : `field ${field}`
      const isInt = expected.typeName === 'int' && Number.isInteger(part) && Number.isSafeInteger(part)
      const isText = typeof part !== 'string' || /string|union/.test(expected.typeName)
      const why = isInt ? `${part}, beyond 32 bits` : isText ? reasonOf(part, long) : undefined
      if (why !== undefined) reason ??= `${name} is ${why}`
    },
  })
  return reason === undefined ? { fields } : { reason, fields }
}
