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

declare module './streams' {
  interface KStream<K, V> {
    /**
     * Writes every record to a Kafka topic, exactly once. The topic may be chosen by record; it has to exist then.
     * @example
     * orders.to('copies', { key: text, value: json<Order>() })
     * orders.to(({ value }) => `orders-of-${value.customer}`, out)
     * // orders a {"customer":"ann","total":20} @1
     * //   → copies a {"customer":"ann","total":20} @1
     * //   → orders-of-ann a {"customer":"ann","total":20} @1
     */
    to(topic: string | ((record: StreamRecord<K, V>) => string), options: ToOptions<K, V>): void
    /**
     * Writes every record to an end outside Kafka. Behind stateless steps of one source it is written directly, else through an
     * internal topic, so that no end shows what Kafka did not commit.
     * @example
     * payments
     *   .mapValues((temperature, key) => ({ sensor_id: Number(key), temperature, timestamp: 0 }))
     *   .to(mqtt({ topic: 'sensors/{sensor_id}', schema: reading }))
     * // payments 7 21.5 @2
     * //   → mqtt:sensors/{sensor_id} 7 {"sensor_id":7,"temperature":21.5,"timestamp":0} @2
     */
    to(target: Target<K, V>, options?: Named): void
  }
}
