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

describe('looks at the cluster', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }))
  afterEach(() => jest.useRealTimers())

  function scene() {
    const asked: (readonly TopicPartition[])[] = []
    const answers: ((states: PartitionState[]) => void)[] = []
    const partitionStates = (partitions: readonly TopicPartition[]) => {
      asked.push(partitions)
      return new Promise<PartitionState[]>(resolve => answers.push(resolve))
    }
    const clock = { now: () => Date.now(), monotonic: () => Date.now() }
    const watch = new PartitionWatch({ broker: { partitionStates }, clock, deliveryTimeoutMs: 10_000 })
    const startedAt = Date.now()
    /** Every look so far is answered: these partitions are there. */
    const answer = async (...there: TopicPartition[]) => {
      for (const each of answers.splice(0)) each(there.map(place => ({ ...place, highWatermark: 9, committed: 8 })))
      await new Promise(setImmediate)
    }
    const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)
    return { watch, asked, answer, pass, startedAt }
  }
  const other = { topic: 'in', partition: 1 }

  test('come at once where something is asked for, then each second, one at a time, for all that is asked for', async () => {
    const { watch, asked, answer, pass, startedAt } = scene()
    watch.look(at)
    watch.look(other)
    await pass(0)
    expect(asked).toEqual([[at, other]])
    // No second one before the first has its answer, however long that takes.
    await pass(1_500)
    watch.look(at)
    await pass(0)
    expect(asked).toHaveLength(1)
    await answer(at, other)
    expect(watch.look(other)).toMatchObject({ highWatermark: 9, committed: 8, seenAtMs: startedAt })
    await pass(0)
    expect(asked).toHaveLength(2)
    await answer(at, other)
    await pass(999)
    expect(asked).toHaveLength(2)
    await pass(1)
    expect(asked).toHaveLength(3)
    watch.close()
  })

  test('end 3 s after nobody asks any more, and begin anew with the next question', async () => {
    const { watch, asked, answer, pass } = scene()
    watch.look(at)
    for (let second = 0; second < 6; second++) {
      await pass(second === 0 ? 0 : 1_000)
      await answer(at)
    }
    // At 0, 1, 2 and 3 s; the one at 4 s asks for nothing and is the last.
    expect(asked.map(({ length }) => length)).toEqual([1, 1, 1, 1, 0])
    expect(watch.look(at)).toBeUndefined()
    await pass(0)
    expect(asked).toHaveLength(6)
    watch.close()
  })

  test('remember an outage for as long as producers may go on trying, whether anybody asks or not', async () => {
    const { watch, answer, pass, startedAt } = scene()
    watch.look(at)
    await pass(0)
    await answer()
    for (let second = 1; second <= 9; second++) {
      watch.look(other)
      if (second === 9) watch.look(at)
      await pass(1_000)
      await answer(at, other)
    }
    expect(watch.look(at)).toMatchObject({ provenSinceMs: startedAt + 10_000 })
    expect(watch.look(other)).toMatchObject({ provenSinceMs: startedAt + 1_000 })
    watch.close()
  })

  test('are none once it is closed', async () => {
    const { watch, asked, pass } = scene()
    watch.look(at)
    watch.close()
    watch.look(at)
    await pass(5_000)
    expect(asked).toEqual([])
    expect(jest.getTimerCount()).toBe(0)
  })

  test('show of each partition what it is, whatever the others are', async () => {
    const { watch, answer, pass, startedAt } = scene()
    watch.look(at)
    watch.look(other)
    await pass(0)
    await answer(other)
    expect([watch.look(at), watch.look(other)]).toEqual([undefined, expect.objectContaining({ seenAtMs: startedAt })])
    watch.close()
  })

  test('end with the one that is under way when it is closed', async () => {
    const { watch, asked, answer, pass } = scene()
    watch.look(at)
    await pass(0)
    watch.close()
    await answer(at)
    await pass(5_000)
    expect([asked.length, jest.getTimerCount()]).toEqual([1, 0])
  })

  test('2.5 s apart still belong together', async () => {
    const { watch, lookAt } = watching()
    watches.push(watch)
    await lookAt(1_000)
    expect(await lookAt(3_500)).toMatchObject({ provenSinceMs: 1_000 })
    expect(await lookAt(6_001)).toMatchObject({ provenSinceMs: 6_001 })
  })
})
