import type { Sink, SinkTask } from '../../src/connectors/sink'
import { openSink } from '../../src/engine/worker/sink-tasks'
import { FencedError, SinkError } from '../../src/errors'

const at: SinkTask[] = [0, 1].map(partition => ({
  ...{ task: `0_${partition}`, topic: 'readings', topicId: '', partition },
  ...{ offset: 10, endOffset: 20 },
}))
const contradicts = new SinkError('52 is past the end of the topic', { fatal: true })

/** An end that keeps these positions, and takes them for wrong when they are past the ends that it is told. */
function endWith(positions: readonly number[], error = contradicts) {
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
