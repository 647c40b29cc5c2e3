import type { Journal } from '../journal'
import type { SessionEntry, SessionStore } from '../session-store'
import { DiskTable } from './disk-table'
import type { Form } from './form'
import { keyBytes, numberBytes, numberLength, readKeyBytes, readNumber } from './key-bytes'
import type { LocalCopy } from './local-copy'

const timesLength = 2 * numberLength
const at = (key: unknown, start: number, end: number) => keyBytes(key) + numberBytes(end) + numberBytes(start)

function read(session: string) {
  const { key, end: from } = readKeyBytes(session)
  return { key, start: readNumber(session, from + numberLength), end: readNumber(session, from) }
}

/** A session's place in the order of end, then start, then key. */
export const sessionTimeKey = (session: string) => session.slice(-timesLength) + session.slice(0, -timesLength)

const form: Form<SessionEntry> = {
  at: ([key, start, end]: [unknown, number, number]) => at(key, start, end),
  keyOf: session => {
    const { key, start, end } = read(session)
    return [key, start, end]
  },
  called: read,
  entry: (session, [value]: [unknown]) => ({ ...read(session), value, epoch: -1 }),
  value: ({ value }) => [value],
  times: {
    timeKey: sessionTimeKey,
    at: timeKey => timeKey.slice(timesLength) + timeKey.slice(0, timesLength),
  },
}

/** Sessions on disk, each key's in order of end, then start; and all of them in order of end, then start, then key. */
export class DiskSessionStore<K = any, V = any>
  extends DiskTable<SessionEntry<K, V>>
  implements Omit<SessionStore<K, V>, 'restore' | 'undo' | 'change'>
{
  constructor(name: string, journal: Journal, copy: LocalCopy) {
    super(name, journal, copy, form)
  }

  get(key: K, start: number, end: number): SessionEntry<K, V> | undefined {
    return this.entryAt(at(key, start, end))
  }

  put(key: K, start: number, end: number, value: V): void {
    this.replace(at(key, start, end), { key, start, end, value, epoch: this.journal.epoch })
  }

  delete({ key, start, end }: Pick<SessionEntry<K, V>, 'key' | 'start' | 'end'>): void {
    this.replace(at(key, start, end), undefined)
  }

  find(key: K, leastEnd: number, largestStart: number): SessionEntry<K, V>[] {
    const found: SessionEntry<K, V>[] = []
    for (const session of this.between(keyBytes(key) + numberBytes(leastEnd), `${keyBytes(key)}${latest}`))
      if (session.start <= largestStart) found.push(session)
    return found
  }

  endingBetween(from: number, to: number): SessionEntry<K, V>[] {
    return to < from ? [] : [...this.betweenTimes(numberBytes(from), `${numberBytes(to)}\xff`)]
  }
}

const latest = '\xff'.repeat(timesLength)
