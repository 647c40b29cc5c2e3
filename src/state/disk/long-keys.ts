import { createHash } from 'node:crypto'

/** Keys up to so many bytes are LMDB keys as they are; LMDB takes 1978. */
const longest = 1900
const hashLength = 32
const afterEveryHash = '\xff'.repeat(hashLength + 1)

/** The LMDB key of a state key: itself, or its beginning and a hash, with the whole of it in the value. */
export function storedKey(at: string): string {
  if (at.length <= longest) return at
  return beginning(at) + createHash('sha256').update(at, 'latin1').digest().toString('latin1')
}

/** What is stored with the key. */
export function storedValue(at: string, value: Buffer): Buffer {
  if (at.length <= longest) return value
  const length = Buffer.alloc(4)
  length.writeUInt32BE(at.length)
  return Buffer.concat([length, Buffer.from(at, 'latin1'), value])
}

export const isLong = (stored: string) => stored.length > longest

/** Where the value begins in what is stored with a key. */
export const valueStart = (at: string) => (at.length <= longest ? 0 : 4 + at.length)

/** The whole of a long key. */
export const keyIn = (value: Buffer) => value.toString('latin1', 4, 4 + value.readUInt32BE(0))

export const beginning = (at: string) => at.slice(0, longest)

/** Not after any stored key of `at` or what follows it. */
export const lowest = (at: string) => beginning(at)

/** After every stored key of `at` and what goes before it. */
export const beyond = (at: string) => (at.length <= longest ? `${at}\0` : beginning(at) + afterEveryHash)
