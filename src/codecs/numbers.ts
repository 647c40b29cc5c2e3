import { DecodeError, ProcessError } from '../errors'
import type { Codec, Serde } from './codec'

function checkLength(name: string, size: number, start: number, end: number): void {
  if (end - start !== size) throw new DecodeError(`${name} takes ${size} bytes, and there are ${end - start}`)
}

function numberSerde(
  name: string,
  size: number,
  write: (buffer: Buffer, value: number) => void,
  read: (buffer: Buffer, start: number) => number,
): Serde<number> {
  const codec: Codec<number> = {
    encode(value) {
      if (value === null || value === undefined) return null
      const buffer = Buffer.allocUnsafe(size)
      write(buffer, value)
      return buffer
    },
    decode(buffer, start, end) {
      if (start < 0) return null as never
      checkLength(name, size, start, end)
      return read(buffer, start)
    },
  }
  return { name, bind: async () => codec }
}

function int32(value: number): number {
  if ((value | 0) !== value) throw new ProcessError(`${value} is no 32-bit integer`)
  return value
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new ProcessError(`${value} is no integer below 2^53`)
  return value
}

function readLong(buffer: Buffer, start: number): number {
  const value = buffer.readInt32BE(start) * 2 ** 32 + buffer.readUInt32BE(start + 4)
  if (!Number.isSafeInteger(value))
    throw new DecodeError('the long is beyond 2^53, which a number does not hold exactly')
  return value
}

/** 32-bit big-endian integer (Kafka Streams' `Serdes.Integer`). Null stays null. */
export const integer = numberSerde(
  'integer',
  4,
  (buffer, value) => buffer.writeInt32BE(int32(value)),
  (buffer, start) => buffer.readInt32BE(start),
)

/** 64-bit big-endian integer (Kafka Streams' `Serdes.Long`), as a number: beyond 2^53 it is refused. Null stays null. */
export const long = numberSerde(
  'long',
  8,
  (buffer, value) => {
    buffer.writeInt32BE(Math.floor(safe(value) / 2 ** 32))
    buffer.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, 4)
  },
  readLong,
)

/** 64-bit big-endian IEEE 754 number (Kafka Streams' `Serdes.Double`), every bit kept. Null stays null. */
export const double = numberSerde(
  'double',
  8,
  (buffer, value) => buffer.writeDoubleBE(value),
  (buffer, start) => buffer.readDoubleBE(start),
)
