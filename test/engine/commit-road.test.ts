import type { CommittedOffset, Output } from '../../src/connectors/ledger'
import type { CommitTraces } from '../../src/engine/worker/commit-traces'
import { Tally } from '../../src/engine/worker/tally'
import { ContentError, FencedError, UnavailableError } from '../../src/errors'
import { asTasks, Gate, roadScene, taskOf, turn } from '../testing/road-scene'

const offset = (partition: number, at: number): CommittedOffset => ({ topic: 'in', partition, offset: at })
const output = (partition: number): Output => ({ topic: 'out', partition, records: [] })

describe('a commit', () => {
  it('is made of all tasks that have something new: ends first, then Kafka, then each is sealed with what is its own', async () => {
    const { road, order, table, mqtt, at, chunk, offsets, outputs, written } = roadScene()
    const one = taskOf('0_0', order, {
      ...{ offsets: [offset(0, 7)], outputs: [output(0)], positions: [at('table', 7), at('mqtt', 7)] },
      chunks: [chunk(table, 3)],
    })
    const other = taskOf('0_1', order, { offsets: [offset(1, 8)], outputs: [output(1)], positions: [at('table', 8)] })
    const clean = taskOf('0_2', order)
    clean.checkpoint()
    order.length = 0
    expect(await road.commit(asTasks(one, clean, other))).toEqual([one.checkpointed, other.checkpointed])
    expect(order).toEqual([
      ...['checkpoint 0_0', 'checkpoint 0_1', 'table write 0_0 3', 'table commit', 'mqtt commit'],
      ...['kafka', 'seal 0_0', 'seal 0_1'],
    ])
    expect(table.positions).toEqual([[at('table', 7), at('table', 8)]])
    expect(mqtt.positions).toEqual([[at('mqtt', 7)]])
    expect(offsets).toEqual([[offset(0, 7), offset(1, 8)]])
    expect(outputs).toEqual([[output(0), output(1)]])
    expect(one.sealed).toEqual([[one.checkpointed, written]])
    expect(other.sealed).toEqual([[other.checkpointed, written]])
  })

  it('is none where no task has anything new', async () => {
    const { road, order } = roadScene()
    const task = taskOf('0_0', order)
    await road.commit(asTasks(task))
    order.length = 0
    expect(await road.commit(asTasks(task))).toEqual([])
    expect(await road.commit([])).toEqual([])
    expect(order).toEqual([])
  })

  it('passes its crash points in their order', async () => {
    const order: string[] = []
    const { road, at, order: steps } = roadScene({ reached: point => void order.push(point, steps.at(-1) ?? '') })
    await road.commit(asTasks(taskOf('0_0', steps, { positions: [at('mqtt', 1)] })))
    expect(order).toEqual(['beforeSinks', 'checkpoint 0_0', 'afterSinks', 'mqtt commit', 'afterLedger', 'kafka'])
    expect(steps.at(-1)).toBe('seal 0_0')
  })

  it('is with the ends before anything else is processed', () => {
    const { road, order, at } = roadScene()
    void road.commit(asTasks(taskOf('0_0', order, { positions: [at('table', 1)] })))
    expect(order).toEqual(['checkpoint 0_0', 'table commit'])
  })

  it('of which an end refuses something reaches neither Kafka nor the tasks', async () => {
    const { road, order, table, at } = roadScene()
    const gate = (table.gate = new Gate())
    const commit = road.commit(asTasks(taskOf('0_0', order, { positions: [at('table', 1), at('mqtt', 1)] })))
    gate.shut(new ContentError('too long'))
    await expect(commit).rejects.toThrow('too long')
    expect(order).toEqual(['checkpoint 0_0', 'table commit', 'mqtt commit'])
  })

  it('that Kafka does not take seals nothing', async () => {
    const { road, order, kafka } = roadScene()
    const gate = (kafka.gate = new Gate())
    const commit = road.commit(asTasks(taskOf('0_0', order)))
    gate.shut(new FencedError('another worker has them'))
    await expect(commit).rejects.toThrow(FencedError)
    expect(order).toEqual(['checkpoint 0_0', 'kafka'])
  })

  it('begins while another is under way, and comes to Kafka after it, once that one is on disk', async () => {
    const { road, order, kafka, at } = roadScene()
    const gate = (kafka.gate = new Gate())
    const one = taskOf('0_0', order)
    const disk = (one.disk = new Gate())
    const first = road.commit(asTasks(one))
    const second = road.commit(asTasks(taskOf('0_1', order, { positions: [at('table', 1)] })))
    await turn()
    expect(order).toEqual(['checkpoint 0_0', 'checkpoint 0_1', 'table commit', 'kafka'])
    gate.open()
    await turn()
    expect(order.slice(4)).toEqual(['seal 0_0'])
    disk.open()
    await Promise.all([first, second])
    expect(order.slice(5)).toEqual(['kafka', 'seal 0_1'])
  })

  it('fails with the one before it', async () => {
    const { road, order, kafka } = roadScene()
    const gate = (kafka.gate = new Gate())
    const first = road.commit(asTasks(taskOf('0_0', order)))
    const second = road.commit(asTasks(taskOf('0_1', order)))
    const both = Promise.allSettled([first, second])
    await turn()
    gate.shut(new UnavailableError('Kafka is away'))
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(order).toEqual(['checkpoint 0_0', 'checkpoint 0_1', 'kafka'])
  })

  it("says the tasks' times to every partition of each topic behind them, in one record for all tasks", async () => {
    const { road, order, outputs } = roadScene()
    const report = (time: number) => ({ time, quiet: Number.POSITIVE_INFINITY, at: { in: time } })
    const marks = (partition: number, ...topics: string[]) => ({
      marks: topics.map(topic => ({ topic, partition, report: report(partition + 10) })),
      outputs: [output(partition)],
    })
    await road.commit(asTasks(taskOf('0_0', order, marks(0, 'a', 'b')), taskOf('0_1', order, marks(1, 'a'))))
    const [all = []] = outputs
    expect(all.slice(0, 2)).toEqual([output(0), output(1)])
    const said = all.slice(2).map(({ topic, partition, records }) => [
      topic,
      partition,
      records.map(({ key, value, timestamp, headers = {} }) => ({
        ...{ key, value, timestamp },
        headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, JSON.parse(String(text))])),
      })),
    ])
    const [zero, one] = [
      [10, null, { in: 10 }],
      [11, null, { in: 11 }],
    ]
    const record = (times: object) => [{ key: null, value: null, timestamp: 0, headers: { 'weir.time': times } }]
    expect(said).toEqual([
      ...[0, 1].map(partition => ['a', partition, record({ 0: zero, 1: one })]),
      ...[0, 1].map(partition => ['b', partition, record({ 0: zero })]),
    ])
  })
})

describe('what is measured of a commit', () => {
  it('is how long each end took that had a part in it, and how old the oldest record was', async () => {
    const clock = { nowMs: 1_000, ms: 50 }
    const tally = new Tally({ now: () => clock.nowMs, monotonic: () => clock.ms })
    const { road, order, table, mqtt, at, chunk } = roadScene({ tally })
    const gate = (table.gate = mqtt.gate = new Gate())
    const of = (id: string, oldestMs: number | undefined) =>
      taskOf(id, order, { oldestMs, positions: [at('table', 1)], chunks: [chunk(mqtt, 1)] })
    const commit = road.commit(asTasks(of('0_0', 900), of('0_1', undefined), of('0_2', 800)))
    expect(tally.committingSinceMs).toBe(50)
    clock.ms += 30
    clock.nowMs += 30
    gate.open()
    await commit
    expect(tally.committingSinceMs).toBeUndefined()
    const { commitMs, ageMs } = tally.end('table')
    expect([commitMs.quantiles, ageMs.quantiles]).toEqual([
      { p50: 30, p99: 30 },
      { p50: 230, p99: 230 },
    ])
    // It had no position of its own in it.
    expect(tally.end('mqtt').commitMs.quantiles).toBeUndefined()
  })

  it.each([
    ['unknown where no record is known', undefined, undefined],
    ['never less than nothing, whatever the clocks of others say', 5_000, { p50: 0, p99: 0 }],
  ])('is an age that is %s', async (_, oldestMs, expected) => {
    const tally = new Tally({ now: () => 1_000, monotonic: () => 0 })
    const { road, order, at } = roadScene({ tally })
    await road.commit(asTasks(taskOf('0_0', order, { oldestMs, positions: [at('table', 1)] })))
    expect(tally.end('table').ageMs.quantiles).toEqual(expected)
    expect(tally.end('table').commitMs.quantiles).toEqual({ p50: 0, p99: 0 })
  })

  it('is traced whole and in its parts, and what is written to Kafka bears its mark', async () => {
    const told: string[] = []
    const marked = [output(1)]
    const traces: CommitTraces = {
      lastTraceId: undefined,
      opened: () => {},
      fed: () => {},
      begin: tasks => {
        told.push(`begin ${tasks.map(({ id }) => id)}`)
        const wait = async <T>(what: string, answer: Promise<T>) => {
          const given = await answer
          told.push(what)
          return given
        }
        return { whole: commit => wait('whole', commit), part: wait, marked: () => marked }
      },
    }
    const { road, order, at, outputs } = roadScene({ traces })
    const task = taskOf('0_0', order, { positions: [at('table', 1)], outputs: [output(0)] })
    const clean = taskOf('0_1', order)
    clean.checkpoint()
    expect(await road.commit(asTasks(task, clean))).toEqual([task.checkpointed])
    expect(told).toEqual(['begin 0_0', expect.any(String), expect.any(String), 'kafka', 'whole'])
    expect(told.slice(1, 3).sort()).toEqual(['mqtt', 'table'])
    expect(outputs).toEqual([marked])
  })
})
