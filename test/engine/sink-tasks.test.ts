import type { Sink, SinkTask } from '../../src/connectors/sink'
import type { TopicPartition } from '../../src/connectors/source'
import type { Task } from '../../src/engine/task/task'
import { openSink, sinkTasksOf } from '../../src/engine/worker/sink-tasks'
import { ContentError, FencedError, SinkError, UnfitError } from '../../src/errors'

const at: SinkTask[] = [0, 1].map(partition => ({
  ...{ task: `0_${partition}`, topic: 'readings', topicId: '', partition },
  ...{ offset: 10, endOffset: 20 },
}))
const contradicts = new SinkError('52 is past the end of the topic', { fatal: true })

/** An end that keeps these positions, and takes them for wrong when they are past the ends that it is told. */
function endWith(positions: readonly number[], error: Error = contradicts) {
  const opened: (readonly SinkTask[])[] = []
  const sink = {
    targets: [{ end: { kind: 'table' } }],
    async open(tasks: readonly SinkTask[]) {
      opened.push(tasks)
      if (tasks.some(({ endOffset }, i) => (positions[i] ?? 0) > endOffset)) throw error
      return [...positions]
    },
  } as unknown as Sink
  return { opened, opening: { sink, at, tasks: [] } }
}

/** A log that is `step` longer each time it is asked for, and a group that this worker is in until it was asked `proofs` times. */
function kafka({ step = 0, proofs = Number.POSITIVE_INFINITY } = {}) {
  const asked = [0, 0]
  let proven = 0
  const broker = {
    endOffset: async ({ partition }: { partition: number }) =>
      20 + step * (asked[partition] = (asked[partition] ?? 0) + 1),
  }
  const ledger = {
    async prove() {
      if (proven++ >= proofs) throw new FencedError('another worker has the tasks')
    },
  }
  return { broker, ledger, proven: () => proven }
}

describe('opening an end', () => {
  it('asks once where the positions are within the log', async () => {
    const { opened, opening } = endWith([15, 20])
    const { broker, ledger, proven } = kafka()
    expect(await openSink(opening, broker, ledger)).toEqual([15, 20])
    expect(opened).toEqual([at])
    expect(proven()).toBe(0)
  })

  it('asks the log again for its end where a former owner has written past the one known', async () => {
    const { opened, opening } = endWith([15, 52])
    const { broker, ledger } = kafka({ step: 40 })
    expect(await openSink(opening, broker, ledger)).toEqual([15, 52])
    expect(opened[1]).toEqual(at.map(task => ({ ...task, endOffset: 60 })))
    expect(opened).toHaveLength(2)
  })

  it('asks again where one of the logs has grown, though the others have not', async () => {
    const { opened, opening } = endWith([15, 52])
    const { ledger } = kafka()
    const ends = [20, 60]
    const broker = { endOffset: async ({ partition }: { partition: number }) => ends[partition]! }
    expect(await openSink(opening, broker, ledger)).toEqual([15, 52])
    expect(opened[1]?.map(({ endOffset }) => endOffset)).toEqual(ends)
  })

  it('throws what the end says where the log is no longer than before', async () => {
    const { opened, opening } = endWith([15, 52])
    const { broker, ledger, proven } = kafka()
    await expect(openSink(opening, broker, ledger)).rejects.toBe(contradicts)
    expect(opened).toHaveLength(1)
    expect(proven()).toBe(1)
  })

  it('does not run after a log that grows for ever', async () => {
    const { opened, opening } = endWith([15, 52])
    const { broker, ledger } = kafka({ step: 1 })
    await expect(openSink(opening, broker, ledger)).rejects.toBe(contradicts)
    expect(opened.map(([, second]) => second?.endOffset)).toEqual([20, 21, 22])
  })

  it('says that it no longer has the tasks rather than that the position is wrong', async () => {
    const { opened, opening } = endWith([15, 52])
    const { broker, ledger } = kafka({ step: 40, proofs: 0 })
    await expect(openSink(opening, broker, ledger)).rejects.toThrow(FencedError)
    expect(opened).toHaveLength(1)
  })

  it('throws what is no contradiction at once, with the end that says it', async () => {
    const away = new SinkError('the connection was lost')
    const { opening } = endWith([15, 52], away)
    const { broker, ledger, proven } = kafka({ step: 40 })
    await expect(openSink(opening, broker, ledger)).rejects.toBe(away)
    expect(away.service).toBe('end table')
    expect(proven()).toBe(0)
  })
})

describe('what an end is opened with', () => {
  const direct = (topic: string, kind: string) => ({ topic, kind })
  const slotOf = (id: string, partition: number, ...targets: ReturnType<typeof direct>[]) =>
    ({ task: { id, partition, plan: { direct: targets } } }) as unknown as { task: Task }
  const sinkOf = (kind: string) => ({ targets: [{ end: { kind } }] }) as unknown as Sink

  function brokerWith(ids: Readonly<Record<string, string>>) {
    const asked: (readonly string[])[] = []
    const topicIds = async (topics: readonly string[]) => {
      asked.push(topics)
      return new Map(Object.entries(ids))
    }
    return { asked, broker: { topicIds, endOffset: async ({ partition }: TopicPartition) => 100 + partition } }
  }

  it('are the partitions that tasks write to it from, with where they are committed and where their logs end', async () => {
    const [table, queue, idle] = ['table', 'queue', 'idle'].map(sinkOf) as [Sink, Sink, Sink]
    const slots = [
      slotOf('0_1', 1, direct('readings', 'table'), direct('orders', 'queue')),
      slotOf('1_2', 2, direct('readings', 'table')),
      slotOf('2_0', 0),
    ]
    const { asked, broker } = brokerWith({ readings: 'r-1' })
    const startOf = async ({ topic, partition }: TopicPartition) => ({
      from: 10 * partition,
      metadata: topic === 'orders' ? 'w-3 held 7' : 'w-3',
    })
    expect(await sinkTasksOf(slots, [table, idle, queue], broker, startOf)).toEqual([
      {
        sink: table,
        at: [
          { task: '0_1', topic: 'readings', partition: 1, topicId: 'r-1', offset: 10, endOffset: 101 },
          { task: '1_2', topic: 'readings', partition: 2, topicId: 'r-1', offset: 20, endOffset: 102 },
        ],
        tasks: [slots[0]!.task, slots[1]!.task],
      },
      {
        sink: queue,
        // The end's position is still before the record that it has refused.
        at: [{ task: '0_1', topic: 'orders', partition: 1, topicId: '', offset: 7, endOffset: 101 }],
        tasks: [slots[0]!.task],
      },
    ])
    expect(asked).toEqual([['readings', 'orders']])
  })

  it('is nothing where no task writes to an end, and Kafka is not asked for it', async () => {
    const { asked, broker } = brokerWith({})
    const slots = [slotOf('2_0', 0)]
    expect(await sinkTasksOf(slots, [sinkOf('table')], broker, () => ({ from: 0, metadata: '' }))).toEqual([])
    expect(asked).toEqual([])
  })
})

test('an end that refuses something as it is opened refuses no record', async () => {
  const refused = new ContentError('a table may have 1600 columns', { cause: away })
  const opened = openSink(endWith([52, 52], refused).opening, kafka().broker, kafka().ledger)
  await expect(opened).rejects.toMatchObject({ message: refused.message, cause: away, service: 'end table' })
  await expect(opened).rejects.toBeInstanceOf(UnfitError)
  const named = new ContentError('a column is missing', { service: 'Postgres' })
  const second = openSink(endWith([52, 52], named).opening, kafka().broker, kafka().ledger)
  await expect(second).rejects.toMatchObject({ service: 'Postgres' })
})

const away = new Error('the connection was lost')
