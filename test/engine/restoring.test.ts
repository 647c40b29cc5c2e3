import { json, text, topology } from '../../src'
import type { Batch, TopicPartition } from '../../src/connectors/source'
import { planOf } from '../../src/engine/plan/plan'
import type { RestoringTask } from '../../src/engine/task/restoring-task'
import { changelogsOf, fitTo, restoreTasks } from '../../src/engine/worker/restorer'
import { StreamError, UnavailableError, UnfitError } from '../../src/errors'
import { silentLog } from '../../src/log'
import { changelogTopic, timesTopic } from '../../src/names'
import type { KeptStore } from '../../src/state/store'
import { batchOf } from '../../src/testing/memory-kafka'

const serdes = { key: text, value: json() }
const plan = planOf(
  topology('app', streams => {
    streams.stream('in', serdes).groupByKey().count({ name: 'counted' })
    streams.table('rows', { ...serdes, materialized: 'rows', restoreFrom: 'sourceTopic' })
    streams.stream('plain', serdes).to('out', serdes)
  }),
)
const [counted, times] = [changelogTopic('app', 'counted'), timesTopic('app')]
const clock = { now: () => 0, monotonic: () => 0 }
const turn = () => new Promise(setImmediate)

/** A task whose state notes what it is given; `part` 0 counts, 1 has the rows. */
function taskOf(part: number, partition = 0) {
  const applied: string[] = []
  const missing: { load: () => Promise<void> }[] = []
  const note = (what: string) => (batch: Batch) => {
    applied.push(`${what} ${batch.nextOffset}`)
  }
  const state = {
    ...{ plan: plan.subTopologies[part]!, application: 'app', partition, kept: [] as KeptStore[] },
    ...{ restoredTo: new Map<string, number>(), unreadable: { throwIfAny: jest.fn() } },
    restoreTimes: note('times'),
    restoreStore: (name: string, batch: Batch) => note(name)(batch),
    restoreSource: (topic: string, batch: Batch) => missing.shift() ?? note(topic)(batch),
  }
  const task = { id: `${part}_${partition}`, partition, state, positionOf: () => 8 }
  return { task: task as unknown as RestoringTask, state, applied, missing }
}

/** Logs of so many records, in batches of one; what is read of them, and how many of them are read at once. */
function kafka(lengths: Readonly<Record<string, number>>, starts: Readonly<Record<string, number>> = {}) {
  const read: unknown[][] = []
  const counts = { now: 0, most: 0 }
  const broker = {
    async *readPartition(at: TopicPartition, from = 0, to = Number.POSITIVE_INFINITY, damage?: string) {
      read.push([at.topic, at.partition, from, to, damage])
      counts.most = Math.max(counts.most, ++counts.now)
      await turn()
      try {
        for (let offset = from; offset < Math.min(to, lengths[at.topic] ?? 0); offset++)
          yield batchOf(at, [{ ...at, offset, key: Buffer.from('"a"'), value: Buffer.from('1'), timestamp: 0 }])
      } finally {
        counts.now--
      }
    },
    startOffset: async ({ topic }: TopicPartition) => starts[topic] ?? 0,
    endOffset: async ({ topic }: TopicPartition) => lengths[topic] ?? 0,
  }
  return { broker, read, counts }
}

const never = () => false
const away = new UnavailableError('nobody there')

describe('a restore', () => {
  it('reads each log from where the state is, its own changelogs to their ends, and a table’s topic as far as its task has', async () => {
    const { broker, read } = kafka({ [counted]: 5, rows: 10 })
    const [first, second] = [taskOf(0), taskOf(1)]
    first.state.restoredTo.set(counted, 3)
    // The times of both are in one log, which is read for the one that lacks more.
    second.state.restoredTo.set(times, 3)
    const tally = { restored: 100, restoring: { records: 1, share: 1, leftMs: 1 } }
    const log = { ...silentLog, info: jest.fn() }
    expect(await restoreTasks([first.task, second.task], broker, clock, log, never, tally)).toBe(10)
    expect(read.sort()).toEqual(
      [
        [counted, 0, 3, Number.POSITIVE_INFINITY, 'pass'],
        [times, 0, 0, Number.POSITIVE_INFINITY, 'pass'],
        ['rows', 0, 0, 8, 'pass'],
      ].sort(),
    )
    expect(first.applied).toEqual(['counted 4', 'counted 5'])
    expect(first.state.restoredTo.get(counted)).toBe(5)
    expect(second.state.restoredTo.get('rows')).toBe(8)
    expect(tally).toEqual({ restored: 110, restoring: undefined })
    expect(log.info).toHaveBeenCalledTimes(1)
    for (const { state } of [first, second]) expect(state.unreadable.throwIfAny).toHaveBeenCalledTimes(1)
  })

  it('of nothing says nothing', async () => {
    const { broker } = kafka({})
    const log = { ...silentLog, info: jest.fn() }
    expect(await restoreTasks([], broker, clock, log, never)).toBe(0)
    expect(log.info).not.toHaveBeenCalled()
  })

  it('reads four logs at a time, of whatever partitions', async () => {
    const { broker, read, counts } = kafka({ [counted]: 2, [times]: 2 })
    const tasks = [0, 1, 2, 3, 4].map(partition => taskOf(0, partition))
    const count = await restoreTasks(
      tasks.map(({ task }) => task),
      broker,
      clock,
      silentLog,
      never,
    )
    expect([count, counts.most, read.length]).toEqual([20, 4, 10])
    expect(tasks.map(({ applied }) => applied.length)).toEqual([4, 4, 4, 4, 4])
  })

  it('refuses a changelog whose first records are gone, unless the state has them; a table’s topic may begin anywhere', async () => {
    const { broker } = kafka({ [counted]: 5, rows: 10 }, { [counted]: 2, rows: 3 })
    const lacking = restoreTasks([taskOf(0).task], broker, clock, silentLog, never)
    await expect(lacking).rejects.toThrow(UnfitError)
    await expect(lacking).rejects.toMatchObject({ service: 'Kafka' })
    const has = taskOf(0)
    has.state.restoredTo.set(counted, 4)
    expect(await restoreTasks([has.task, taskOf(1).task], broker, clock, silentLog, never)).toBe(9)
  })

  it('ends soon after its generation has, behind the batch in hand', async () => {
    const { broker, counts } = kafka({ [counted]: 1_000, [times]: 1_000 })
    const { task, applied } = taskOf(0)
    await expect(restoreTasks([task], broker, clock, silentLog, () => applied.length > 2)).rejects.toThrow(
      UnavailableError,
    )
    expect(applied.length).toBeLessThan(6)
    expect(counts.now).toBe(0)
  })

  it('that fails begins no other log, and waits for those that are being read: nothing may write to the state then', async () => {
    const { broker, read, counts } = kafka({ [counted]: 1_000, [times]: 1_000 })
    const tasks = [0, 1, 2, 3].map(partition => taskOf(0, partition))
    const broken = new StreamError('broken')
    tasks[1]!.state.restoreStore = () => {
      throw broken
    }
    await expect(
      restoreTasks(
        tasks.map(({ task }) => task),
        broker,
        clock,
        silentLog,
        never,
      ),
    ).rejects.toBe(broken)
    expect([read.length, counts.now]).toEqual([4, 0])
    for (const { applied } of tasks) expect(applied.length).toBeLessThan(5)
    for (const { state } of tasks) expect(state.unreadable.throwIfAny).not.toHaveBeenCalled()
  })

  it('that fails begins no other log where one that is being read ends, either', async () => {
    const { broker, read, counts } = kafka({})
    broker.startOffset = () => Promise.reject(away)
    const tasks = [0, 1, 2, 3].map(partition => taskOf(0, partition))
    // Only the first lacks all of its state, and asks where its changelogs begin.
    for (const { state } of tasks.slice(1)) for (const topic of [times, counted]) state.restoredTo.set(topic, 1)
    const restoring = restoreTasks(
      tasks.map(({ task }) => task),
      broker,
      clock,
      silentLog,
      never,
    )
    await expect(restoring).rejects.toBe(away)
    expect([read.map(([topic, partition]) => `${topic}/${partition}`), counts.now]).toEqual([
      [`${times}/1`, `${counted}/1`],
      0,
    ])
  })

  it('fails for a stretch of a changelog that can’t be read, of which nothing is applied', async () => {
    const { broker } = kafka({ [counted]: 2 })
    const { readPartition } = broker
    const range = { ...{ topic: counted, partition: 0, firstOffset: 1, lastOffset: 1, before: 0 }, timestamp: -1 }
    broker.readPartition = async function* (...all) {
      for await (const batch of readPartition(...all))
        yield batch.nextOffset < 2
          ? batch
          : { ...batch, damaged: [{ ...range, reason: 'torn', bytes: Buffer.alloc(0) }] }
    }
    const { task, state, applied } = taskOf(0)
    await expect(restoreTasks([task], broker, clock, silentLog, never)).rejects.toThrow(/offsets 1 to 1, .*torn/)
    expect([applied, state.restoredTo.get(counted)]).toEqual([['counted 1'], 1])
  })

  it('fails for what is no state once all has been read', async () => {
    const { task, state, applied } = taskOf(0)
    const foreign = new UnfitError('what others have written')
    state.unreadable.throwIfAny.mockImplementation(() => {
      throw foreign
    })
    const { broker } = kafka({ [counted]: 3 })
    await expect(restoreTasks([task], broker, clock, silentLog, never)).rejects.toBe(foreign)
    expect(applied).toHaveLength(3)
  })

  it('loads the schemas that a table’s records were written by, and leaves none of the records out', async () => {
    const { task, missing, applied, state } = taskOf(1)
    const loaded: number[] = []
    for (const id of [1, 2]) missing.push({ load: async () => void loaded.push(id) })
    const { broker } = kafka({ rows: 2 })
    await restoreTasks([task], broker, clock, silentLog, never)
    expect([loaded, applied, state.restoredTo.get('rows')]).toEqual([[1, 2], ['rows 1', 'rows 2'], 2])
  })
})

/** A copy on disk that stands at `position`. */
function copyAt(position: number, emptied?: string) {
  const settling: (() => void)[] = []
  const store = {
    ...{ name: 'counted', position, emptied, isSettled: false },
    clear: jest.fn(() => {
      store.position = 0
    }),
    settled: () => new Promise<void>(done => settling.push(done)),
  }
  return { store, settle: () => settling.splice(0).forEach(done => void done()) }
}

describe('a copy on disk', () => {
  async function fitted(position: number, { start = 0, end = 10, emptied = undefined as string | undefined } = {}) {
    const { store, settle } = copyAt(position, emptied)
    const state = { partition: 0, restoredTo: new Map([[counted, 77]]) }
    const { broker } = kafka({ [counted]: end }, { [counted]: start })
    const log = { ...silentLog, warn: jest.fn() }
    const changelog = { ...changelogsOf(taskOf(0).task.state)[1]!, state: state as never }
    const fits = fitTo(changelog, store as unknown as KeptStore, broker, log)
    await turn()
    // Nothing is said of it while a write is under way.
    expect(store.clear).not.toHaveBeenCalled()
    expect(state.restoredTo.get(counted)).toBe(77)
    settle()
    const reached = await fits
    const isCleared = store.clear.mock.calls.length > 0
    return [reached, state.restoredTo.get(counted), isCleared, log.warn.mock.calls.length > 0]
  }

  it('is gone on from where its changelog still has what comes behind it', async () => {
    expect(await fitted(4)).toEqual([4, 4, false, false])
    expect(await fitted(10)).toEqual([10, 10, false, false])
    expect(await fitted(5, { start: 5 })).toEqual([5, 5, false, false])
  })

  it('is emptied where its changelog ends before it, or begins behind it', async () => {
    expect(await fitted(11)).toEqual([0, undefined, true, true])
    expect(await fitted(4, { start: 5 })).toEqual([0, undefined, true, true])
  })

  it('with nothing in it is restored in full, and says why where it had something', async () => {
    expect(await fitted(0)).toEqual([0, undefined, false, false])
    expect(await fitted(0, { start: 5 })).toEqual([0, undefined, false, false])
    expect(await fitted(1)).toEqual([1, 1, false, false])
    expect(await fitted(0, { emptied: 'it was of another changelog' })).toEqual([0, undefined, false, true])
    expect(await fitted(3, { emptied: 'it was of another changelog' })).toEqual([3, 3, false, false])
  })

  it('has a batch before the state says so', async () => {
    const { task, state, applied } = taskOf(0)
    const { store, settle } = copyAt(2)
    state.kept.push(store as unknown as KeptStore)
    const { broker } = kafka({ [counted]: 3 })
    const restoring = restoreTasks([task], broker, clock, silentLog, never)
    await turn()
    settle()
    for (let i = 0; i < 5; i++) await turn()
    expect([applied, state.restoredTo.get(counted)]).toEqual([['counted 3'], 2])
    settle()
    await restoring
    expect(state.restoredTo.get(counted)).toBe(3)
  })
})

test('the changelogs of a task are its times, those of its stores and the topics of its tables; one without state has none', () => {
  const of = (part: number) => changelogsOf(taskOf(part).task.state).map(each => [each.of, each.topic])
  expect(of(0)).toEqual([
    ['times', times],
    ['store', counted],
  ])
  expect(of(1)).toEqual([
    ['times', times],
    ['source', 'rows'],
  ])
  expect(of(2)).toEqual([])
})
