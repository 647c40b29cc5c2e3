import { TopologyError } from '../../errors'
import type { GlobalKTable, KStream, KTable } from '../face/streams'
import type { GlobalTableOptions, StreamOptions, StreamsBuilder, TableOptions } from '../face/streams-builder'
import type { Topology } from '../graph/graph-node'
import type { Queries } from '../graph/queries'
import { Builder } from '../steps/builder'
import { globalTableOf, streamOf, tableOf } from '../steps/sources'
import { allFaces } from './all-faces'

class Streams implements StreamsBuilder {
  readonly #builder: Builder

  constructor(builder: Builder) {
    this.#builder = builder
  }

  stream<K, V>(topic: string, options: StreamOptions<K, V>): KStream<K, V> {
    return allFaces.stream(streamOf(this.#builder, topic, options))
  }

  table<K, V>(topic: string, options: TableOptions<K, V>): KTable<K, V> {
    return allFaces.table(tableOf(this.#builder, topic, options))
  }

  globalTable<K, V>(topic: string, options: GlobalTableOptions<K, V>): GlobalKTable<K, V> {
    return allFaces.globalTable(globalTableOf(this.#builder, topic, options))
  }

  queries(queries: Queries): void {
    this.#builder.setQueries(queries)
  }
}

/**
 * Builds a topology: `build` describes its steps, nothing runs. The name is the application id: consumer group, and the
 * first part of the names of its internal topics. Throws TopologyError.
 * @example
 * export default topology('large-orders', streams => {
 *   streams
 *     .stream('orders', { key: text, value: json<Order>() })
 *     .filter(order => order.total > 100)
 *     .to('large-orders', { key: text, value: json<Order>() })
 * })
 * // orders a {"customer":"ann","total":200} @1
 * //   → large-orders a {"customer":"ann","total":200} @1
 */
export function topology(name: string, build: (streams: StreamsBuilder) => void): Topology {
  const builder = new Builder(name)
  if (typeof build !== 'function')
    throw new TopologyError(
      `topology "${name}": give it the function that describes it: topology('${name}', streams => ...)`,
    )
  build(new Streams(builder))
  return builder.finish()
}
