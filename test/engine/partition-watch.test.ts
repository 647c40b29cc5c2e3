import type { PartitionState } from '../../src/connectors/broker'
import type { TopicPartition } from '../../src/connectors/source'
import { PartitionWatch } from '../../src/engine/worker/partition-watch'

const at = { topic: 'in', partition: 0 }

/** A watch over one partition, on a clock and a cluster that are set by hand. */
function watching() {
  const cluster = { nowMs: 0, state: 'writable' as 'writable' | 'refused' | 'away', highWatermark: 5, asked: 0 }
  const partitionStates = async (partitions: readonly TopicPartition[]): Promise<PartitionState[]> => {
    cluster.asked += partitions.length
    if (cluster.state === 'away') throw new Error('no broker answers')
    if (cluster.state === 'refused') return []
    return partitions.map(each => ({ ...each, highWatermark: cluster.highWatermark, committed: 5 }))
  }
  const now = () => cluster.nowMs
  const clock = { now, monotonic: now }
  const watch = new PartitionWatch({ broker: { partitionStates }, clock, deliveryTimeoutMs: 120_000 })
  const lookAt = async (ms: number, state: typeof cluster.state = 'writable') => {
    cluster.nowMs = ms
    cluster.state = state
    watch.look(at)
    await watch.lookAtAll()
    return watch.look(at)
  }
  return { watch, cluster, lookAt }
}

const watches: PartitionWatch[] = []
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close()
})

test('silence is proven from the first of looks that follow one another, and a long gap begins anew', async () => {
  const { watch, lookAt } = watching()
  watches.push(watch)
  expect(watch.look(at)).toBeUndefined()
  expect(await lookAt(1_000)).toEqual({ highWatermark: 5, committed: 5, seenAtMs: 1_000, provenSinceMs: 1_000 })
  expect(await lookAt(3_000)).toMatchObject({ seenAtMs: 3_000, provenSinceMs: 1_000 })
  expect(await lookAt(6_000)).toMatchObject({ seenAtMs: 6_000, provenSinceMs: 6_000 })
})

test.each(['refused', 'away'] as const)(
  'a partition that can not be written to is not silent, nor while producers may go on trying: %s',
  async outage => {
    const { watch, lookAt } = watching()
    watches.push(watch)
    await lookAt(1_000)
    expect(await lookAt(2_000, outage)).toBeUndefined()
    expect(await lookAt(4_000, outage)).toBeUndefined()
    expect(await lookAt(5_000)).toMatchObject({ seenAtMs: 5_000, provenSinceMs: 124_000 })
    expect(await lookAt(7_000)).toMatchObject({ provenSinceMs: 124_000 })
    expect(await lookAt(200_000)).toMatchObject({ provenSinceMs: 200_000 })
  },
)

test('what nobody asks for any more is not looked at', async () => {
  const { watch, cluster, lookAt } = watching()
  watches.push(watch)
  await lookAt(1_000)
  const { asked } = cluster
  cluster.nowMs = 10_000
  await watch.lookAtAll()
  expect(cluster.asked).toBe(asked)
})
