import { json, keyValueStore, text, topology } from '../../../src'
import { memory } from '../../../src/connectors/memory/memory-target'
import type { Processor, ProcessorContext } from '../../../src/dsl/graph'
import type { KeyValueStore } from '../../../src/state/key-value-store'
import { LoneTask, written } from './lone-task'

const serdes = { key: text, value: json<any>() }

/** Sums by key, and fails for what is 13 once it has done all else. */
const summing = (onBadRecord: 'deadLetter' | 'skip' | 'fail' = 'deadLetter') =>
  topology('app', s => {
    s.stream('in', { ...serdes, onBadRecord })
      .process<string, number>({
        name: 'sum',
        stores: [keyValueStore({ name: 'sums' })],
        supplier: () => {
          let context: ProcessorContext
          return {
            init: given => {
              context = given
            },
            process: ({ key, value, timestamp }) => {
              const sums: KeyValueStore<string, number> = context.store('sums')
              const sum = (sums.get(key) ?? 0) + value
              sums.put(key, sum)
              context.forward({ key, value: sum, timestamp })
              if (value === 13) throw new Error('thirteen')
            },
          }
        },
      })
      .to('out', serdes)
  })

/** Copies what is read to an end with positions. */
const copying = topology('copying', s => {
  const rows = memory<string, number>({ name: 'rows', retains: ({ key }) => key })
  s.stream('in', serdes).to(rows)
})

const sumOf = ({ task }: LoneTask, key: string) => (task.stores.get('sums') as KeyValueStore).get(key)
const values = (...all: unknown[]) => all.map((value, i) => ({ value, timestamp: 10 * (i + 1) }))

describe('records', () => {
  test('are processed as many as were asked for, and counted', async () => {
    const lone = await LoneTask.of(summing())
    const { task } = lone.feed('in', ...values(1, 2, 3))
    expect(task.process(2)).toBe(2)
    expect([task.processed, task.share.records, sumOf(lone, 'k'), task.input('in')?.position]).toEqual([2, 2, 3, 2])
    expect(task.process(10)).toBe(1)
    expect(task.process(10)).toBe(0)
    expect([task.processed, task.share.records, sumOf(lone, 'k')]).toEqual([3, 3, 6])
    expect(task.input('other')).toBeUndefined()
  })

  test('that can not be decoded take a turn, and are none that was processed', async () => {
    const lone = await LoneTask.of(summing())
    lone.feed('in', { value: 'no JSON' }, { value: 1 })
    expect(lone.task.process(1)).toBe(1)
    expect([lone.task.processed, lone.task.share.records, lone.task.share.letters]).toEqual([0, 0, 1])
    expect(lone.run()).toBe(1)
    expect([lone.task.processed, lone.task.share.records]).toEqual([1, 1])
  })

  test('bring stream time on, and an older one does not take it back', async () => {
    const lone = await LoneTask.of(summing())
    lone.feed('in', { value: 1, timestamp: 50 }, { value: 1, timestamp: 20 }).run()
    expect([lone.task.streamTime, lone.task.sealedStreamTime]).toEqual([50, -1])
    await lone.task.seal(lone.task.checkpoint())
    expect(lone.task.sealedStreamTime).toBe(50)
  })

  test('that fail leave nothing but their dead letters', async () => {
    const lone = await LoneTask.of(summing())
    lone.feed('in', ...values(1, 13, 2)).run()
    expect(sumOf(lone, 'k')).toBe(3)
    const { outputs } = lone.task.checkpoint()
    expect(written(outputs).filter(line => !line.startsWith('app-times'))).toEqual([
      'out/0 k 1',
      'out/0 k 3',
      'in_dead_letters/0 k 13',
      'app-sums-changelog/0 "k" 3',
    ])
    expect(lone.task.input('in')?.position).toBe(3)
  })

  test('that fail where the policy says so stop the task in front of them', async () => {
    const lone = await LoneTask.of(summing('fail'))
    lone.feed('in', ...values(1, 13, 2))
    expect(() => lone.run()).toThrow('in/0 offset 1, step sum: thirteen')
    expect([lone.task.input('in')?.position, lone.task.processed, sumOf(lone, 'k')]).toEqual([1, 0, 1])
    expect(() => lone.run()).toThrow('thirteen')
  })

  test('that can not be decoded stop the task as well', async () => {
    const lone = await LoneTask.of(summing('fail'))
    lone.feed('in', { value: 'no JSON' }, { value: 1 })
    expect(() => lone.run()).toThrow('in/0 offset 0, step in')
    expect(sumOf(lone, 'k')).toBeUndefined()
  })
})

test('a task has no input of a topic that has no partition for it', async () => {
  const merged = topology('merged', s => {
    s.stream('in', serdes).merge(s.stream('narrow', serdes)).to('out', serdes)
  })
  const options = { partitions: { in: 2, narrow: 1 } }
  const topics = async (partition: number) =>
    (await LoneTask.of(merged, { ...options, partition })).task.inputs.map(({ topic }) => topic)
  expect([await topics(0), await topics(1)]).toEqual([['in', 'narrow'], ['in']])
})

test('a processor that can not begin keeps its task from starting', async () => {
  const unfit = topology('unfit', s => {
    const supplier = (): Processor => ({
      init: () => {
        throw new Error('no licence')
      },
      process: () => {},
    })
    s.stream('in', serdes).process({ name: 'p', supplier })
  })
  await expect(LoneTask.of(unfit)).rejects.toThrow('step p: its init failed: no licence')
})

describe('a checkpoint', () => {
  test('is needed once something has come, and not before', async () => {
    const lone = await LoneTask.of(summing(), { starts: { in: 0 } })
    const { task } = lone
    expect(task.isDirty).toBe(false)
    lone.feed('in', ...values(1)).run()
    expect(task.isDirty).toBe(true)
    task.checkpoint()
    expect(task.isDirty).toBe(false)
  })

  test.each([
    ['a bad record that is skipped', { value: 'no JSON' }],
    ['a record that nobody keeps', { value: 1 }],
  ])('is needed for %s alone, since the position has moved', async (_, record) => {
    const lone = await LoneTask.of(
      topology('idle', s =>
        s
          .stream('in', { ...serdes, onBadRecord: 'skip' })
          .filter(() => false)
          .to('out', serdes),
      ),
      { starts: { in: 7 } },
    )
    expect(lone.task.isDirty).toBe(false)
    lone.feed('in', record).run()
    expect(lone.task.isDirty).toBe(true)
    lone.task.checkpoint()
    expect(lone.task.isDirty).toBe(false)
  })

  test('has the positions, with a mark of its own each time', async () => {
    const lone = await LoneTask.of(summing())
    lone.feed('in', { value: 1, timestamp: 70 }, { value: 2, timestamp: 60 }).run()
    const first = lone.task.checkpoint()
    expect([first.task, first.oldestMs]).toEqual(['0_0', 70])
    expect(first.offsets).toEqual([{ topic: 'in', partition: 0, offset: 2, metadata: 'worker-1' }])
    const second = lone.task.checkpoint()
    expect(second.offsets).toEqual([{ topic: 'in', partition: 0, offset: 2, metadata: 'worker-2' }])
    expect([second.oldestMs, second.outputs.filter(({ topic }) => topic === 'out')]).toEqual([undefined, []])
  })

  test('has what waits for the ends, and how far they are', async () => {
    const lone = await LoneTask.of(copying)
    lone.feed('in', ...values(1, 2)).run()
    const { sinkBytes, gatheredBytes } = lone.task
    expect(sinkBytes).toBe(128)
    expect(gatheredBytes).toBe(128)
    const { chunks, positions } = lone.task.checkpoint()
    expect(chunks.map(({ target, chunk }) => [target.name, chunk.count])).toEqual([['rows', 2]])
    expect(positions).toEqual([{ kind: 'memory', topic: 'in', partition: 0, next: 2 }])
    expect(lone.task.sinkBytes).toBe(0)
  })

  test('has nothing for the ends of what was handed over before', async () => {
    const lone = await LoneTask.of(copying)
    lone.feed('in', ...values(1, 2)).run()
    expect(lone.task.takeChunks().map(({ chunk }) => chunk.count)).toEqual([2])
    expect(lone.task.checkpoint().chunks).toEqual([])
  })

  test('begins a new share of work', async () => {
    const lone = await LoneTask.of(summing())
    lone.feed('in', ...values(1, 13, 2)).run()
    const at = { topic: 'in', partition: 0, offset: 2 }
    const { share } = lone.task
    expect(share).toEqual({ task: '0_0', records: 3, last: at, results: 0, retained: 0, letters: 1, dropped: [] })
    lone.task.checkpoint()
    const after = { task: '0_0', records: 0, last: undefined, results: 0, retained: 0, letters: 0, dropped: [] }
    expect(lone.task.share).toEqual(after)
    lone.feed('in', { value: 4 }).run()
    expect(lone.task.share.last?.offset).toBe(3)
    // Nobody's view of the last record moves with the task.
    expect(share.last).toEqual(at)
  })

  test('what waits for Kafka counts with what waits for ends', async () => {
    const lone = await LoneTask.of(summing())
    lone.feed('in', ...values(1)).run()
    expect([lone.task.sinkBytes, lone.task.gatheredBytes]).toEqual([0, 2])
  })
})

/** What a checkpoint writes into the times changelog, by name. */
const timesIn = (lone: LoneTask) =>
  Object.fromEntries(
    lone.task
      .checkpoint()
      .outputs.filter(({ topic }) => topic === 'app-times-changelog')
      .flatMap(({ records }) => records.map(({ key, value }) => [String(key), JSON.parse(String(value))])),
  )

describe('the times changelog', () => {
  const manifest = { stores: { sums: 'keyValue' }, topics: [], widths: {}, grown: [] }

  test('is given the times of a task with state, and the manifest by partition 0', async () => {
    const lone = await LoneTask.of(summing(), { environment: { manifest } })
    lone.feed('in', ...values(1)).run()
    expect(timesIn(lone)).toEqual({ 'in/stream-time': 10, 'weir/stores': manifest })
    expect(timesIn(lone)).toEqual({})
    const other = await LoneTask.of(summing(), { partition: 1, partitions: { in: 2 }, environment: { manifest } })
    expect(Object.keys(timesIn(other))).toEqual(['in/stream-time'])
  })

  test('is given the positions where the application keeps them, with the topics’ ids', async () => {
    const keeps = { environment: { keepsPositions: true }, topicId: (topic: string) => `id of ${topic}` }
    const lone = await LoneTask.of(summing(), keeps)
    lone.feed('in', ...values(1)).run()
    expect(timesIn(lone)['in/positions']).toEqual({ in: { offset: 1, topicId: 'id of in' } })
    const idless = await LoneTask.of(summing(), { environment: { keepsPositions: true } })
    expect(timesIn(idless)['in/positions']).toEqual({ in: { offset: 0 } })
  })

  test('is given nothing by a task without state, save its positions', async () => {
    const stateless = topology('app', s => s.stream('in', serdes).to('out', serdes))
    const lone = await LoneTask.of(stateless, { environment: { manifest } })
    lone.feed('in', ...values(1)).run()
    expect(timesIn(lone)).toEqual({})
    const keeping = await LoneTask.of(stateless, { environment: { manifest, keepsPositions: true } })
    expect(Object.keys(timesIn(keeping))).toEqual(['in/positions'])
  })
})

describe('a rollback', () => {
  test('takes back all that no seal has kept, and the records come again', async () => {
    const lone = await LoneTask.of(summing(), { environment: { keepsPositions: true } })
    lone.feed('in', ...values(1)).run()
    await lone.task.seal(lone.task.checkpoint())
    lone.feed('in', ...values(2)).run()
    lone.task.checkpoint()
    lone.feed('in', ...values(13, 4)).run()
    lone.task.rollback(() => 1)
    expect([sumOf(lone, 'k'), lone.task.isDirty, lone.task.gatheredBytes]).toEqual([1, false, 0])
    expect(lone.task.share).toMatchObject({ records: 0, letters: 0, last: undefined })
    expect(lone.run()).toBe(0)
    lone.again('in', 1).run()
    expect([sumOf(lone, 'k'), lone.task.input('in')?.position]).toEqual([7, 4])
    expect(lone.task.processed).toBe(7)
  })

  test('takes back what waits for the ends, and reading may begin elsewhere', async () => {
    const lone = await LoneTask.of(copying)
    lone.feed('in', ...values(1, 2)).run()
    lone.task.rollback(() => 1)
    expect([lone.task.sinkBytes, lone.task.input('in')?.position, lone.task.isDirty]).toEqual([0, 1, false])
  })

  test('lets a task go on that had stopped, until it meets the record again', async () => {
    const lone = await LoneTask.of(summing('fail'))
    lone.feed('in', ...values(1, 13))
    expect(() => lone.run()).toThrow('thirteen')
    lone.task.rollback(() => 0)
    lone.again('in', 0)
    expect(lone.task.process(1)).toBe(1)
    expect(() => lone.run()).toThrow('thirteen')
  })

  test('the state that the next owner is given is as of the last commit', async () => {
    const lone = await LoneTask.of(summing())
    lone.feed('in', ...values(1)).run()
    await lone.task.seal(lone.task.checkpoint())
    lone.feed('in', ...values(2)).run()
    const state = lone.task.sealedState
    expect((state.stores.get('sums') as KeyValueStore).get('k')).toBe(1)
    expect(state).toBe(lone.task.state)
  })
})
