import type { TaskEnvironment } from '../../../src/engine/task/task-environment'
import { TopologyError } from '../../../src/errors'
import type { Operator } from '../../../src/operators/operator'
import { KeyValueStore } from '../../../src/state/key-value-store'
import { by, last, rows, contextScene as scene } from './context-scene'

const head = (offset: number, headers?: Record<string, Buffer>) =>
  ({
    topic: 'in',
    partition: 1,
    batch: { offsets: Float64Array.of(offset - 1, offset) },
    index: 1,
    head: { key: 'k', value: 1, timestamp: 5, ...(headers && { headers }) },
  }) as never

describe('the record in hand', () => {
  test('is known by its place and its headers, while it is in hand', async () => {
    const { context } = await scene()
    expect(context.metadata).toBeUndefined()
    context.start(head(7, { h: Buffer.from('1') }))
    const { metadata } = context
    expect(metadata).toEqual({ topic: 'in', partition: 1, offset: 7, headers: { h: Buffer.from('1') } })
    expect(context.origin).toEqual({ topic: 'in', partition: 1, offset: 7 })
    context.start(head(8))
    // What a step has kept of the former one stays as it was.
    expect(metadata?.offset).toBe(7)
    expect(context.metadata).toEqual({ topic: 'in', partition: 1, offset: 8, headers: undefined })
    context.startWithoutRecord()
    expect(context.metadata).toBeUndefined()
  })

  test('has one failure, the first, until it is taken', async () => {
    const { context, node } = await scene()
    const [first, second] = [new Error('first'), new Error('second')]
    expect([context.hasFailed, context.takeFailure()]).toEqual([false, undefined])
    context.fail(node('source'), first)
    context.fail(node('sink'), second)
    expect(context.hasFailed).toBe(true)
    expect(context.takeFailure()).toEqual({ node: node('source'), error: first })
    expect([context.hasFailed, context.takeFailure()]).toEqual([false, undefined])
    context.fail(node('sink'), second)
    expect(context.takeFailure()?.error).toBe(second)
  })
})

describe('what a step asks of its task', () => {
  test('is the clock, its stores and those of global tables', async () => {
    const global = new KeyValueStore('global', { log: () => {} } as never)
    const environment: Partial<TaskEnvironment> = {
      clock: { now: () => 123, monotonic: () => 0 },
      globals: new Map([['global', global]]),
    }
    const { context, state } = await scene({ environment })
    expect([context.wallClockMs(), context.task, context.partition]).toEqual([123, '0_0', 0])
    expect(context.store('last-retained')).toBe(state.stores.get('last-retained'))
    expect(context.store('global')).toBe(global)
    expect(() => context.store('none')).toThrow(new TopologyError('store none: no step of this sub-topology owns it'))
  })

  test('are numbers of its own, which go on where they were', async () => {
    const { context, node } = await scene({}, { 'in/stream-time': 40, 'in/mine': 7 })
    expect(context.streamTime.value).toBe(40)
    const [mine, other] = [context.cell(node('source'), 'mine', 1), context.cell(node('source'), 'other', 2)]
    expect([mine.value, other.value]).toEqual([7, 2])
    expect([...context.cells.keys()]).toEqual(['in/stream-time', 'in/mine', 'in/other'])
    expect((await scene()).context.streamTime.value).toBe(-1)
  })

  test('is how a table is read, where the step is one', async () => {
    const { context } = await scene()
    const getter = { get: () => ({ value: 1, timestamp: 2 }) }
    context.operators.set(4, { inputs: [], getter } as Operator)
    context.operators.set(5, { inputs: [] })
    expect(context.getter(4)).toBe(getter)
    for (const none of [5, 6]) expect(() => context.getter(none)).toThrow(`step ${none} can't be read as a table`)
  })

  test('is counted under its name, where somebody counts', async () => {
    const counted: unknown[] = []
    const environment: Partial<TaskEnvironment> = {
      onCount: (...each) => counted.push(each),
      onLate: (...each) => counted.push(each),
    }
    const { context, node } = await scene({ environment })
    const late = { key: 'k', value: 1, timestamp: 1 }
    context.count('windowsClosed', node('source'), 3)
    context.late(node('source'), late, 2, 50)
    expect(counted).toEqual([
      ['windowsClosed', 'in', 3],
      ['late', 'in', 2],
      ['in', 2, 50],
    ])
    const { id } = node('source')
    expect([context.isLate(id, late), context.isLate(id, { ...late }), context.isLate(id + 1, late)]).toEqual([
      true,
      false,
      false,
    ])
    const nobody = await scene()
    nobody.context.late(node('source'), late, 2, 50)
    expect(nobody.context.isLate(id, late)).toBe(true)
  })

  test('is what happens when time goes on, from the next ms on unless it says another', async () => {
    const { context } = await scene()
    const advance = () => {}
    context.onAdvance(advance)
    context.onAdvance(advance, () => undefined)
    context.streamTime.value = 20
    expect(context.advances.map(({ next }) => next())).toEqual([21, undefined])
    expect(context.advances[0]?.advance).toBe(advance)
  })

  test('is the time that it may take: no later than upstream allows', async () => {
    const { context, upstream, node } = await scene({ reads: by })
    const behind = node('source', ({ spec }) => spec.topic === by)
    expect(
      context.observedTime(
        node('source', ({ spec }) => spec.topic === 'in'),
        30,
      ),
    ).toBe(30)
    upstream.begin(by)
    expect(context.observedTime(behind, 30)).toBe(-1)
    const report = { time: 20, quiet: 20, at: {} }
    upstream.take(by, new Map([0, 1].map(partition => [partition, report])))
    expect([context.observedTime(behind, 30), context.observedTime(behind, 10)]).toEqual([20, 10])
  })
})

describe('what a step writes', () => {
  test('to another partition by way of home makes the times of all tasks count', async () => {
    const { context, upstream, outputs, node } = await scene({ reads: by })
    const { write, partitionOf } = context.topicOutput(node('repartition', ({ spec }) => spec.topic === by))
    expect(upstream.isOn(by)).toBe(false)
    write({ key: 'k', value: 1, timestamp: 5 })
    expect([upstream.isOn(by), outputs.size, partitionOf('k')]).toEqual([true, 1, 'k'.charCodeAt(0) % 2])
  })

  test('to all by way of a repartition, or to an author’s topic, makes nothing of the kind', async () => {
    const { context, upstream, outputs, node } = await scene()
    context
      .topicOutput(node('repartition', ({ spec }) => spec.topic !== by))
      .write({ key: 'k', value: 1, timestamp: 5 })
    expect([upstream.isOn(by), outputs.size]).toEqual([false, 1])
  })

  test('to an end is kept where the end retains', async () => {
    const { context, state, sinks, node } = await scene()
    for (const target of [rows, last])
      context
        .sinkOutput(node('sink', ({ spec }) => spec.target === target))
        .write({ key: 'k', value: 1, timestamp: 5 }, { topic: 'in', partition: 0, offset: 3 })
    const retained = state.stores.get('last-retained') as KeyValueStore
    expect([...retained.all()].map(({ key }) => key)).toEqual(['k'])
    expect(sinks.queues.map(({ target }) => target)).toEqual([rows, last])
  })
})
