import type { StartOffset } from '../../src/connectors/ledger'
import type { Sink, SinkTask } from '../../src/connectors/sink'
import type { TopicPartition } from '../../src/connectors/source'
import { AwayEnd } from '../../src/engine/worker/away-end'
import type { Slot } from '../../src/engine/worker/open-tasks'
import { Tally } from '../../src/engine/worker/tally'
import { ContentError, FencedError, SinkError, type StreamError, UnavailableError, UnfitError } from '../../src/errors'
import { GivenPauses } from '../testing/given-pauses'

const turn = () => new Promise(setImmediate)
const why = new UnavailableError('the table is away', { service: 'end table' })

afterEach(() => jest.restoreAllMocks())

/** An end that answers as it is told, at once where nothing is said. */
class FakeEnd {
  readonly targets: unknown[]
  readonly opened: (readonly SinkTask[])[] = []
  answers: (Error | Promise<void> | undefined)[] = []

  constructor(kind: string) {
    this.targets = [{ end: { kind } }]
  }

  open = async (tasks: readonly SinkTask[]) => {
    this.opened.push(tasks)
    const answer = this.answers.shift()
    if (answer instanceof Error) throw answer
    await answer
    return tasks.map(() => 0)
  }
}

interface Told extends Partial<Omit<StartOffset, 'topicId'>> {
  readonly ids?: ReadonlyMap<string, string | undefined>
}

/** A task at work that writes what it reads of one topic to these kinds of ends. */
function slotOf(id: string, topic: string, partition: number, told: Told = {}, kinds = ['table', 'queue']): Slot {
  const { offset, metadata = '', ids } = told
  const task = {
    ...{ id, partition, plan: { direct: kinds.map(kind => ({ kind, topic })) } },
    input: (name: string) => (name === topic ? {} : undefined),
  }
  const sealed = new Map([[topic, { offset, metadata }]])
  return { task, sealed, ...(ids !== undefined && { topicIds: ids }) } as unknown as Slot
}

function scene(slots: readonly Slot[] = [slotOf('0_0', 'a', 0, { offset: 7 })]) {
  const pauses = new GivenPauses()
  const table = new FakeEnd('table')
  const queue = new FakeEnd('queue')
  const lost: [string, Error][] = []
  const failed: unknown[] = []
  const proofs: (Error | undefined)[] = []
  const ledger = {
    async prove() {
      const error = proofs.shift()
      if (error !== undefined) throw error
    },
  }
  const broker = {
    topicIds: async (topics: readonly string[]) => new Map(topics.map(topic => [topic, `id of ${topic}`])),
    endOffset: async ({ partition }: TopicPartition) => 100 + partition,
    startOffset: async ({ partition }: TopicPartition) => 40 + partition,
  }
  const parts = {
    ...{ broker, missed: new Set<string>(), tally: new Tally({ now: () => 0, monotonic: () => 3 }) },
    outages: { lost: (service: string, error: Error) => lost.push([service, error]) },
  }
  const open = { ledger, slots: new Map(slots.map(slot => [slot.task.id, slot])) }
  const away = new AwayEnd(open as never, parts as never, error => failed.push(error))
  const wait = (end: FakeEnd, error: StreamError = why) => away.await(end as unknown as Sink, error)
  return { pauses, table, queue, lost, failed, proofs, parts, away, wait }
}

const isDone = async (promise: Promise<unknown>) =>
  (await Promise.race([promise.then(() => 'done'), turn().then(() => 'waiting')])) === 'done'

describe('an end that is away', () => {
  it('is asked again and again, with longer and longer pauses, and ends the attempt once it answers', async () => {
    const { pauses, table, failed, wait, lost, parts } = scene()
    const down = () => new UnavailableError('still down')
    table.answers = Array.from({ length: 8 }, down)
    wait(table)
    expect([lost, [...parts.missed]]).toEqual([[['end table', why]], ['end table']])
    expect(table.opened).toHaveLength(0)
    await pauses.pass(8)
    expect(pauses.asked).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
    expect(lost.slice(1)).toEqual(Array.from({ length: 8 }, () => ['end table', down()]))
    expect(failed).toEqual([])
    await pauses.pass()
    expect(failed).toEqual([why])
    expect(table.opened).toHaveLength(9)
    expect(pauses.asked).toHaveLength(9)
  })

  it('is taken over for what is committed of its tasks, by topic and partition', async () => {
    const { pauses, table, wait } = scene([
      slotOf('0_0', 'a', 0, { offset: 7 }),
      slotOf('0_1', 'a', 1, { offset: undefined }),
      slotOf('1_0', 'b', 0, { offset: 9, ids: new Map([['b', 'id of b']]) }),
      slotOf('2_0', 'c', 0, { offset: 5 }, ['queue']),
    ])
    wait(table)
    await pauses.pass()
    const opened = (task: string, topic: string, partition: number, offset: number) => ({
      ...{ task, topic, partition, topicId: `id of ${topic}`, offset, endOffset: 100 + partition },
    })
    expect(table.opened).toEqual([[opened('0_0', 'a', 0, 7), opened('0_1', 'a', 1, 41), opened('1_0', 'b', 0, 9)]])
  })

  it('owes an answer as long as it is asked', async () => {
    const { pauses, table, wait, parts } = scene()
    let answer = () => {}
    table.answers = [
      new Promise(resolve => {
        answer = resolve
      }),
    ]
    wait(table)
    await pauses.pass()
    expect(parts.tally.end('table').owesSinceMs).toBe(3)
    answer()
    await turn()
    expect(parts.tally.end('table').owesSinceMs).toBeUndefined()
  })

  it.each([
    ['its position contradicts Kafka', new SinkError('past the end', { fatal: true }), SinkError],
    ['somebody has to mend it', new UnfitError('no such table'), UnfitError],
    ['it refuses its tasks', new ContentError('no such name'), UnfitError],
  ])('ends the attempt at once where %s', async (_, answer, expected) => {
    const { pauses, table, failed, wait } = scene()
    table.answers = [answer]
    wait(table)
    await pauses.pass(2)
    expect(failed).toEqual([expect.any(expected)])
    expect((failed[0] as Error).message).toBe(answer.message)
    expect(table.opened).toHaveLength(1)
  })

  it('is not taken from who has the tasks now', async () => {
    const { pauses, table, failed, wait, proofs } = scene()
    proofs.push(new FencedError('another worker has them'))
    wait(table)
    await pauses.pass(2)
    expect(failed).toEqual([new FencedError('another worker has them')])
    expect(table.opened).toEqual([])
  })

  it('is asked again where Kafka can not say whose the tasks are, which is no outage of the end', async () => {
    const { pauses, table, failed, wait, lost, proofs } = scene()
    proofs.push(new UnavailableError('no coordinator'))
    wait(table)
    await pauses.pass(2)
    expect(failed).toEqual([why])
    expect(lost).toEqual([['end table', why]])
    expect(table.opened).toHaveLength(1)
  })

  it('is told of as an outage of no name where the error has none', () => {
    const { table, wait, lost, parts } = scene()
    const nameless = new UnavailableError('away')
    wait(table, nameless)
    expect([lost, [...parts.missed]]).toEqual([[['', nameless]], ['']])
  })
})

describe('a topic that was made again meanwhile', () => {
  it('ends the attempt: what is committed means nothing in it', async () => {
    const { pauses, table, failed, wait } = scene([
      slotOf('0_0', 'a', 0, { offset: 7, ids: new Map([['a', 'id of another a']]) }),
    ])
    wait(table)
    await pauses.pass(2)
    expect(failed).toEqual([expect.any(UnavailableError)])
    expect(failed).not.toContain(why)
    expect((failed[0] as Error).message).toBe('topic a was deleted and made again')
    expect(table.opened).toEqual([])
  })

  it('is not suspected where nobody has said which it was', async () => {
    const { pauses, table, failed, wait } = scene([
      slotOf('0_0', 'a', 0, { offset: 7, ids: new Map([['a', undefined]]) }),
    ])
    wait(table)
    await pauses.pass()
    expect(failed).toEqual([why])
  })
})

describe('several ends that are away', () => {
  const other = new UnavailableError('the queue is away', { service: 'end queue' })

  it('end the attempt when the last of them answers', async () => {
    const { pauses, table, queue, failed, wait } = scene()
    queue.answers = [new UnavailableError('still down')]
    wait(table)
    wait(queue, other)
    await pauses.pass()
    expect([table.opened.length, queue.opened.length, failed]).toEqual([1, 1, []])
    await pauses.pass()
    expect([table.opened.length, queue.opened.length, failed]).toEqual([1, 2, [other]])
  })
})

describe('an attempt that is over', () => {
  it('asks no end any more, and is told of none', async () => {
    const { pauses, table, failed, wait, away } = scene()
    wait(table)
    away.close()
    await pauses.pass()
    expect([table.opened, failed]).toEqual([[], []])
    expect(await isDone(away.closed())).toBe(true)
  })

  it('is closed once all that were being asked have answered', async () => {
    const { pauses, table, queue, failed, wait, away } = scene()
    expect(await isDone(away.closed())).toBe(true)
    let answer = (_error: Error) => {}
    table.answers = [
      new Promise((_, reject) => {
        answer = reject
      }),
    ]
    wait(table)
    wait(queue, why)
    await pauses.pass()
    away.close()
    const closed = away.closed()
    expect(await isDone(closed)).toBe(false)
    answer(new SinkError('past the end', { fatal: true }))
    await turn()
    expect(await isDone(closed)).toBe(true)
    expect(failed).toEqual([])
  })
})
