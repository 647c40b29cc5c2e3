import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { partitionOf } from '../../../src/connectors/kafka/write/partitioner'

const metadata = (count: number) => Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 0 }))

test('a key goes where kafkajs, after Java, sends it', () => {
  const theirs = Partitioners.DefaultPartitioner()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 200 }), (bytes, count) => {
      const key = Buffer.from(bytes)
      const message = { key, value: null }
      expect(partitionOf(key, count)).toBe(theirs({ topic: 't', partitionMetadata: metadata(count) as never, message }))
    }),
  )
})

test("Java's own test values of murmur2", () => {
  // From Kafka's UtilsTest; the partition is the hash without its sign.
  expect(partitionOf('21', 2147483647)).toBe(-973932308 & 0x7fffffff)
  expect(partitionOf('foobar', 2147483647)).toBe(-790332482 & 0x7fffffff)
  expect(partitionOf('a-little-bit-long-string', 2147483647)).toBe(-985981536 & 0x7fffffff)
})

test('text and its bytes go to one partition, records without key to all in turn', () => {
  expect(partitionOf('sensör', 10)).toBe(partitionOf(Buffer.from('sensör'), 10))
  expect(new Set(Array.from({ length: 10 }, () => partitionOf(null, 10))).size).toBe(10)
})
