const SEED = 0x9747b28c
const M = 0x5bd1e995

/** Kafka's murmur2 of the Java client, as int32. */
export function murmur2(key: Buffer): number {
  const { length } = key
  let h = SEED ^ length
  let i = 0
  for (; i + 4 <= length; i += 4) {
    let k = key[i]! | (key[i + 1]! << 8) | (key[i + 2]! << 16) | (key[i + 3]! << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  const left = length - i
  if (left >= 3) h ^= key[i + 2]! << 16
  if (left >= 2) h ^= key[i + 1]! << 8
  if (left >= 1) h = Math.imul(h ^ key[i]!, M)
  h ^= h >>> 13
  h = Math.imul(h, M)
  return h ^ (h >>> 15)
}

let turn = 0

/**
 * The partition of a key's bytes (text: its UTF-8), as Java's producer and Kafka Streams choose it: murmur2, made positive, modulo the number of
 * partitions (`BuiltInPartitioner.partitionForKey`). Records without a key (null) take turns. A windowed key is placed by the key within.
 *
 * @example partitionOf('sensor-7', 10) // 6
 */
export function partitionOf(key: Buffer | string | null, partitionCount: number): number {
  if (key === null) {
    turn = (turn + 1) % 0x7fffffff
    return turn % partitionCount
  }
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitionCount
}
