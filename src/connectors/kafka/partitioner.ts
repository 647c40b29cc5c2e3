import murmur2 from 'kafkajs/src/producer/partitioners/default/murmur2'

/** The partition of a key, as Kafka's own producers choose it: murmur2 of its bytes. */
export function partitionOf(key: Buffer | string, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}
