import type { Type } from 'avsc'
import { decodeUtf8 } from './text'
import { readLong, type Tap } from './varint'

/** avsc's own methods of a tap and of a type, as far as the types below use or replace them; it describes neither. */
export interface FullTap extends Tap {
  readFloat(): number
  readDouble(): number
  writeFloat(value: number): void
  writeDouble(value: number): void
  writeString(value: string): void
}
/** avsc's resolver: reads what one type wrote as another one says. */
export interface Resolver {
  readonly _readerType?: Type
  _read: (tap: FullTap) => unknown
  /** Reads, and stays where it is. */
  _peek?: (tap: FullTap) => unknown
}
export interface Readable extends Type {
  _read(tap: FullTap): unknown
}

export const isLongType = ({ typeName }: Type): boolean => typeName === 'long' || typeName === 'abstract:long'

export function readText(tap: Tap): string | undefined {
  const length = readLong(tap)
  const start = tap.pos
  if (length < 0) throw new Error('a text has less than no bytes')
  tap.pos = start + length
  return tap.pos > tap.buf.length ? undefined : decodeUtf8(tap.buf, start, tap.pos)
}

/** A negative count is followed by the size of its block. */
export function readCount(tap: Tap): number {
  const count = readLong(tap)
  if (count >= 0) return count
  readLong(tap)
  return -count
}
