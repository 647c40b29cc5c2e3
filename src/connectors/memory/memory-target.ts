import { type Position, ProcessError, TopologyError } from '../../errors'
import type { StreamRecord } from '../../record'
import type { Chunk, Encoder, End, Target } from '../sink'

export interface MemoryOptions<K, V> {
  readonly name: string
  /** What its end guarantees; `exactly_once` unless given. */
  readonly guarantee?: 'exactly_once' | 'at_least_once'
  /** Says what is wrong with a record that the end refuses, as a column's range would. */
  readonly refuse?: (record: StreamRecord<K, V>) => string | undefined
  /** The address under which the end keeps the last value. */
  readonly retains?: (record: StreamRecord<K, V>) => string
}

// biome-ignore lint/suspicious/noExplicitAny: the graph erases types
export type MemoryTarget<K = any, V = any> = Target<K, V>

/** Tests connect their sinks by themselves, to a place that they look into. */
const endOf = (kind: string, guarantee: End['guarantee']): End => ({
  ...{ kind, guarantee },
  connect() {
    throw new TopologyError('memory targets are for tests: TopologyTestDriver, or createMemorySink')
  },
})
const ends: Readonly<Record<'exactly_once' | 'at_least_once', End>> = {
  exactly_once: endOf('memory', 'exactly_once'),
  at_least_once: endOf('memory at once', 'at_least_once'),
}

export interface MemoryChunk extends Chunk {
  readonly rows: readonly { readonly record: StreamRecord; readonly origin: Position }[]
}

/** A target whose records stay in this process, for tests. */
export function memory<K = unknown, V = unknown>(options: MemoryOptions<K, V>): MemoryTarget<K, V> {
  const { name, guarantee = 'exactly_once', refuse, retains } = options
  return { end: ends[guarantee], name, ...(retains ? { retains } : {}), encoder: () => new MemoryEncoder(name, refuse) }
}

class MemoryEncoder<K, V> implements Encoder<K, V> {
  private rows: { readonly record: StreamRecord<K, V>; readonly origin: Position }[] = []

  constructor(
    private readonly name: string,
    private readonly refuse: MemoryOptions<K, V>['refuse'],
  ) {}

  encode(record: StreamRecord<K, V>, origin: Position): void {
    const wrong = this.refuse?.(record)
    if (wrong !== undefined) throw new ProcessError(`memory target ${this.name}: ${wrong}`)
    // The engine uses one position object for all records.
    this.rows.push({ record, origin: { ...origin } })
  }

  mark(): number {
    return this.rows.length
  }

  reset(mark: number): void {
    this.rows.length = Math.min(mark, this.rows.length)
  }

  /** A guess of the same size for all: nothing is made into bytes here. */
  get bytes(): number {
    return this.rows.length * 64
  }

  take(): MemoryChunk | undefined {
    if (this.rows.length === 0) return undefined
    const chunk = { count: this.rows.length, bytes: this.bytes, rows: this.rows }
    this.rows = []
    return chunk
  }
}
