import type { Journal } from '../journal'
import type { WindowEntry, WindowStore } from '../window-store'
import { DiskTable } from './disk-table'
import type { Form } from './form'
import { keyBytes, numberBytes, numberLength, readKeyBytes, readNumber } from './key-bytes'
import type { LocalCopy } from './local-copy'

const at = (key: unknown, start: number) => keyBytes(key) + numberBytes(start)

function read(window: string) {
  const { key, end } = readKeyBytes(window)
  return { key, start: readNumber(window, end) }
}

/** A window's place in the order of start, then key. */
export const windowTimeKey = (window: string) => window.slice(-numberLength) + window.slice(0, -numberLength)

const form: Form<WindowEntry> = {
  at: ([key, start]: [unknown, number]) => at(key, start),
  keyOf: window => {
    const { key, start } = read(window)
    return [key, start]
  },
  called: read,
  entry: (window, [value, timestamp]: [unknown, number]) => ({ ...read(window), value, timestamp, epoch: -1 }),
  value: ({ value, timestamp }) => [value, timestamp],
  times: {
    timeKey: windowTimeKey,
    at: timeKey => timeKey.slice(numberLength) + timeKey.slice(0, numberLength),
  },
}

/** Windows by key and start, on disk, with an index by start so that closing them costs by what closes. */
export class DiskWindowStore<K = any, V = any>
  extends DiskTable<WindowEntry<K, V>>
  implements Omit<WindowStore<K, V>, 'restore' | 'undo' | 'change'>
{
  constructor(name: string, journal: Journal, copy: LocalCopy) {
    super(name, journal, copy, form)
  }

  get(key: K, start: number): WindowEntry<K, V> | undefined {
    return this.entryAt(at(key, start))
  }

  put(key: K, start: number, value: V, timestamp: number): void {
    this.replace(at(key, start), { key, start, value, timestamp, epoch: this.journal.epoch })
  }

  delete(key: K, start: number): void {
    this.replace(at(key, start), undefined)
  }

  fetch(key: K, from: number, to: number): WindowEntry<K, V>[] {
    return to < from ? [] : [...this.between(at(key, from), at(key, to))]
  }

  fetchAll(from: number, to: number): WindowEntry<K, V>[] {
    return to < from ? [] : [...this.betweenTimes(numberBytes(from), `${numberBytes(to)}\xff`)]
  }

  firstStart(from = 0): number | undefined {
    const first = this.firstTimeKey(numberBytes(from))
    return first === undefined ? undefined : readNumber(first, 0)
  }
}
