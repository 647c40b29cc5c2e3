import type { Bytes } from './environment'
import { beginning, beyond, isLong, keyIn, lowest, valueStart } from './long-keys'

const firstRead = 32
const largestRead = 1024

/** Reads piece by piece, so that nothing is held open while the caller does what it does. */
export function* walk<T>(
  database: Bytes,
  from: string,
  to: string,
  read: (at: string, value: Buffer, start: number) => T,
): Generator<T> {
  const end = beyond(to)
  let start = lowest(from)
  for (let limit = firstRead; ; limit = Math.min(largestRead, limit * 4)) {
    const found: T[] = []
    let count = 0
    let long: string | undefined
    for (const { key, value } of database.getRange({ start, end, limit })) {
      count++
      start = `${key}\0`
      if (isLong(key)) {
        long = beginning(key)
        break
      }
      if (key >= from) found.push(read(key, value as Buffer, 0))
    }
    yield* found
    if (long !== undefined) {
      yield* walkLong(database, long, from, to, read)
      start = beyond(`${long}\0`)
    } else if (count < limit) return
  }
}

/** Keys of one long beginning: stored in the order of their hashes. */
function walkLong<T>(
  database: Bytes,
  start: string,
  from: string,
  to: string,
  read: (at: string, value: Buffer, start: number) => T,
): T[] {
  const found: { at: string; entry: T }[] = []
  for (const { value } of database.getRange({ start, end: beyond(`${start}\0`) })) {
    const at = keyIn(value as Buffer)
    if (at >= from && at <= to) found.push({ at, entry: read(at, value as Buffer, valueStart(at)) })
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ entry }) => entry)
}
