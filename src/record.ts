/** A window of event time, ms. `end` is exclusive for tumbling and hopping windows, inclusive for sliding and session windows. */
export interface Window {
  readonly start: number
  readonly end: number
}

/** The key of a windowed table: the grouped key and its window (Kafka Streams' `Windowed<K>`). */
export interface Windowed<K> {
  readonly key: K
  readonly window: Window
}

export type Headers = Readonly<Record<string, Buffer>>

/** One record of a stream. `timestamp` is event time in ms. A null value of a table record is a tombstone. */
export interface StreamRecord<K = unknown, V = unknown> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers?: Headers
}

/** A record with another key and value, its time and headers kept. */
export function withKeyValue<K, V>({ timestamp, headers }: StreamRecord, key: K, value: V): StreamRecord<K, V> {
  return headers === undefined ? { key, value, timestamp } : { key, value, timestamp, headers }
}
