import type { Serde } from '../../codecs/codec'
import type { Target } from '../../connectors/sink'
import type { StreamRecord } from '../../record'
import type { Named } from './options'

export interface ToOptions<K, V> extends Named {
  readonly key: Serde<K>
  readonly value: Serde<V>
  /** Partition of a record; absent: murmur2 of the key's bytes, as Kafka's own producers do. */
  readonly partition?: (record: StreamRecord<K, V>, partitions: number) => number
}

/** The topic's name, or how it is chosen by record. */
type Topic<K, V> = string | ((record: StreamRecord<K, V>) => string)

/** What belongs to where a stream is written to: one signature for all, so that a mistake is told of once. */
type WritingOptions<K, V, T> = T extends Topic<K, V> ? [options: ToOptions<K, V>] : [options?: Named]

declare module './streams' {
  interface KStream<K, V> {
    /**
     * Writes every record to a Kafka topic, exactly once, or to an end outside Kafka. The topic may be chosen by record; it has to exist
     * then. An end is written to directly behind stateless steps of one source, else through an internal topic, so that no end shows what
     * Kafka did not commit.
     * @example
     * orders.to('copies', { key: text, value: json<Order>() })
     * orders.to(({ value }) => `orders-of-${value.customer}`, out)
     * payments
     *   .mapValues((temperature, key) => ({ sensor_id: Number(key), temperature, timestamp: 0 }))
     *   .to(mqtt({ topic: 'sensors/{sensor_id}', schema: reading }))
     * // orders a {"customer":"ann","total":20} @1
     * //   → copies a {"customer":"ann","total":20} @1
     * //   → orders-of-ann a {"customer":"ann","total":20} @1
     * // payments 7 21.5 @2
     * //   → mqtt:sensors/{sensor_id} 7 {"sensor_id":7,"temperature":21.5,"timestamp":0} @2
     */
    to<T extends Topic<K, V> | Target<K, V>>(end: T | Target<K, V>, ...options: WritingOptions<K, V, T>): void
  }
}
