import type { Journal } from '../journal'
import type { KeyValueStore } from '../key-value-store'
import { DiskTable } from './disk-table'
import type { Form } from './form'
import { keyBytes, readKeyBytes } from './key-bytes'
import type { LocalCopy } from './local-copy'

interface Entry<K, V> {
  readonly key: K
  readonly value: V
}

const form: Form<Entry<any, any>> = {
  at: keyBytes,
  keyOf: at => readKeyBytes(at).key,
  called: at => readKeyBytes(at).key,
  entry: (at, value) => ({ key: readKeyBytes(at).key, value }),
  value: ({ value }) => value,
}

/** Entries by key, on disk. Ranges come in key order (bytes of the UTF-8 text). */
export class DiskKeyValueStore<K = any, V = any>
  extends DiskTable<Entry<K, V>>
  implements Omit<KeyValueStore<K, V>, 'restore' | 'undo' | 'change'>
{
  constructor(name: string, journal: Journal, copy: LocalCopy) {
    super(name, journal, copy, form)
  }

  get(key: K): V | undefined {
    return this.entryAt(keyBytes(key))?.value
  }

  put(key: K, value: V): void {
    this.replace(keyBytes(key), { key, value })
  }

  delete(key: K): void {
    this.replace(keyBytes(key), undefined)
  }

  all(): Iterable<{ key: K; value: V }> {
    return this.between('', '\xff')
  }

  range(from: K, to: K): Iterable<{ key: K; value: V }> {
    return this.between(keyBytes(from), keyBytes(to))
  }
}
