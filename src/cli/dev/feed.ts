import { resolve } from 'node:path'
import type { SchemaRegistry } from '../../codecs/codec'
import type { Broker } from '../../connectors/broker'
import type { Topology } from '../../dsl/graph'
import { bindCodecs, type CodecBook, type Codecs } from '../../engine/task/codec-book'
import { ConfigError } from '../../errors'
import { loadModule } from '../shared/load-module'

/** What a feed yields. */
export interface FedRecord {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  /** ms; now unless given. */
  readonly timestamp?: number
}

export interface FeedOptions {
  readonly topology: Topology
  readonly broker: Broker
  readonly registry: SchemaRegistry
  readonly stop: AbortSignal
}

const isIterable = (value: unknown): value is AsyncIterable<FedRecord> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** The records of a module whose default export is an async generator function. Throws ConfigError for any other. */
async function recordsOf(file: string): Promise<AsyncIterable<FedRecord>> {
  const loaded = Object(await loadModule(resolve(file)))
  const made = [loaded.default, Object(loaded.default).default].find(each => typeof each === 'function')
  const records: unknown = made?.()
  if (isIterable(records)) return records
  throw new ConfigError(`${file} has no generator as its default export: export default async function* feed() { ... }`)
}

/** The codecs of the topics that a topology reads. */
function sourcesOf(topology: Topology, book: CodecBook): ReadonlyMap<string, Codecs> {
  const sources = new Map<string, Codecs>()
  for (const { id, parents, spec } of topology.nodes) {
    const codecs = book.get(id)
    if (codecs !== undefined && parents.length === 0 && 'topic' in spec && typeof spec.topic === 'string')
      sources.set(spec.topic, codecs)
  }
  return sources
}

/** Writes what a feed yields to the topology's sources, as these read it, until `stop`. Rejects with what the feed throws, and for values that don't fit. */
export async function runFeed(file: string, { topology, broker, registry, stop }: FeedOptions): Promise<void> {
  const records = await recordsOf(file)
  const book = await bindCodecs(topology, registry, { pipes: true })
  const sources = sourcesOf(topology, book)
  const counts = await broker.partitionCounts([...sources.keys()])
  const producer = broker.createProducer()
  try {
    for await (const { topic, key, value, timestamp = Date.now() } of records) {
      if (stop.aborted) return
      const codecs = sources.get(topic)
      if (codecs === undefined)
        throw new ConfigError(`${file}: the topology reads no topic "${topic}", only ${[...sources.keys()].join(', ')}`)
      const record = { key: codecs.key.encode(key), value: codecs.value.encode(value), timestamp }
      await producer.send(topic, broker.partitionOf(record.key, counts.get(topic) ?? 1), [record])
    }
  } finally {
    await producer.close()
  }
}
