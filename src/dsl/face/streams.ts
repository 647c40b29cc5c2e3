/**
 * What an author holds while describing a topology. These interfaces speak of one another, so they are declared together here; each
 * file beside this one adds one family of methods to them (declaration merging) and imports this file, never its neighbours' methods.
 */

/** Tells streams and tables apart for the compiler, and carries their types; there is no such property. */
declare const kind: unique symbol

/**
 * A stream of records, each a fact that stands for itself (Kafka Streams' KStream). Every method describes a step and returns what
 * follows from it; nothing runs until a worker or a `TopologyTestDriver` takes the topology up.
 */
export interface KStream<K, V> {
  readonly [kind]?: ['stream', K, V]
}

/** A table: the latest value by key, and the stream of its changes (Kafka Streams' KTable). A null value deletes the key's row. */
export interface KTable<K, V> {
  readonly [kind]?: ['table', K, V]
}

/**
 * A table that every worker holds in full, so that streams can be joined with it by any key and without co-partitioning (Kafka
 * Streams' GlobalKTable). It forwards no changes.
 */
export interface GlobalKTable<K, V> {
  readonly [kind]?: ['globalTable', K, V]
  /** The name of its store, as it is written in `queries`. */
  readonly store: string
}

/** A stream grouped by key, ready to be aggregated or cut into windows. */
export interface KGroupedStream<K, V> {
  readonly [kind]?: ['groupedStream', K, V]
}

/** A grouped stream cut into windows; its tables' keys are windowed. */
export interface WindowedKStream<K, V, W> {
  readonly [kind]?: ['windowedStream', K, V, W]
}

/** Several grouped streams that make one aggregate a key (KIP-150), so that it needs one store and no joins. */
export interface CogroupedKStream<K, A> {
  readonly [kind]?: ['cogroupedStream', K, A]
}

/** Cogrouped streams cut into windows. Each stream is late or not by its own time; a window has closed when it has for all. */
export interface WindowedCogroupedKStream<K, A, W> {
  readonly [kind]?: ['windowedCogroupedStream', K, A, W]
}

/** A table whose rows are grouped anew, ready to be aggregated. */
export interface KGroupedTable<K, V> {
  readonly [kind]?: ['groupedTable', K, V]
}
