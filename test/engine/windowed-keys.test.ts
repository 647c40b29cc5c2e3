import { partitionOf, session, tumbling } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import { text } from '../../src/codecs/text'
import { windowed } from '../../src/codecs/windowed'
import { plainKey } from '../../src/engine/queries/plain-key'
import { noLimits } from '../../src/engine/task/output-topics'
import { TopicOutputs } from '../../src/engine/task/topic-outputs'

/**
 * What `WindowedStreamPartitioner` of Kafka Streams 4.1.0 answers over StringSerializer, for topics of 3, 10 and 97 partitions: one answer for
 * time windows from 0, 1,700,000,000,000 and 1,700,000,010,000, and for sessions from there. With the window's bytes murmur2 would have others.
 */
const recorded: readonly (readonly [key: string, of: readonly [number, number, number]])[] = [
  ['sensor-7', [1, 6, 4]],
  ['a', [1, 4, 49]],
  ['', [0, 1, 35]],
  ['حسگر', [0, 1, 33]],
  ['k'.repeat(40), [1, 4, 0]],
  ['21', [0, 0, 41]],
  ['foobar', [0, 6, 13]],
]
const counts = [3, 10, 97]
const starts = [0, 1_700_000_000_000, 1_700_000_010_000]
const kinds = [tumbling({ sizeMs: 10_000, graceMs: 0 }), session({ gapMs: 5_000, graceMs: 0 })] as const

const context = { topic: 'out', part: 'key', registry: new MemoryRegistry() } as const

/** Where a step that writes to a topic of so many partitions puts a key of each window. */
async function placed(kind: 'to' | 'repartition', key: string, windows: (typeof kinds)[number], partitions: number) {
  const find = () => ({ partitions, limits: noLimits })
  const outputs = new TopicOutputs(find, partitionOf, { now: () => 0 })
  const codecs = { key: await windowed(text, windows).bind(context), value: await text.bind(context) }
  const output = outputs.of({ kind, spec: { topic: 'out' } } as never, codecs as never)
  for (const start of starts) {
    const record = { key: { key, window: { start, end: start + 10_000 } }, value: 'v', timestamp: 0 }
    output.write(record as never)
  }
  return outputs.take().flatMap(({ partition, records }) => records.map(() => partition))
}

test.each(recorded)('a windowed key %j goes to an author’s topic by the key within', async (key, wanted) => {
  for (const windows of kinds)
    for (const [i, count] of counts.entries())
      expect(await placed('to', key, windows, count)).toEqual(starts.map(() => wanted[i]))
  expect(counts.map(count => partitionOf(key, count))).toEqual(wanted)
})

test('to an internal topic it goes by all of its bytes, as Kafka Streams has it', async () => {
  // Java's murmur2 of the whole key, of sensor-7 and the three time windows: 1, 8, 6 of 10.
  expect((await placed('repartition', 'sensor-7', kinds[0], 10)).toSorted()).toEqual([1, 6, 8])
})

test('the key that chooses the partition is the one within a windowed key, and any other key itself', () => {
  const keys = ['a', null, 7, { key: 'a' }, { window: 1 }, { key: 'a', window: { start: 0, end: 10 } }]
  expect(keys.map(plainKey)).toEqual(['a', null, 7, { key: 'a' }, { window: 1 }, 'a'])
})
