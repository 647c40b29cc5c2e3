import { UnknownTopic } from '../../../src/engine/task/output-topics'
import type { TaskEnvironment } from '../../../src/engine/task/task-environment'
import { ContentError, ProcessError, TopologyError } from '../../../src/errors'
import type { KeyValueStore } from '../../../src/state/key-value-store'
import { by, rows, contextScene as scene } from './context-scene'

describe('a punctuator', () => {
  const now = 1_000
  const environment: Partial<TaskEnvironment> = { clock: { now: () => now, monotonic: () => 0 } }

  test('is due at stream time 0 at first, or one interval from now', async () => {
    const { context, node } = await scene({ environment })
    const seen: number[] = []
    context.schedule(node('source'), 10, 'streamTime', timestamp => seen.push(timestamp))
    context.schedule(node('source'), 10, 'wallClock', timestamp => seen.push(timestamp))
    expect(context.punctuations.nextWallClock()).toBe(now + 10)
    context.punctuations.run('streamTime', 0)
    context.punctuations.run('streamTime', 9)
    context.punctuations.run('wallClock', now + 9)
    expect(seen).toEqual([0])
    context.punctuations.run('streamTime', 10)
    context.punctuations.run('wallClock', now + 10)
    expect(seen).toEqual([0, 10, now + 10])
  })

  test('goes on by what the state says, each of a step by its number, and in its place', async () => {
    const { context, node } = await scene(
      { environment },
      { 'in/punctuation-1': 30, 'in/place-of-punctuation-0': 1, 'in/place-of-punctuation-1': 0 },
    )
    const seen: string[] = []
    for (const name of ['first', 'second'])
      context.schedule(node('source'), 10, 'streamTime', timestamp => seen.push(`${name} ${timestamp}`))
    const other = node('repartition')
    context.schedule(other, 10, 'streamTime', timestamp => seen.push(`other ${timestamp}`))
    const cells = [...context.cells].map(([name, { value }]) => [name, value])
    expect(Object.fromEntries(cells)).toMatchObject({
      ...{ 'in/punctuation-0': 0, 'in/punctuation-1': 30 },
      ...{ [`${other.name}/punctuation-0`]: 0, [`${other.name}/place-of-punctuation-0`]: 2 },
    })
    context.punctuations.run('streamTime', 5)
    expect(seen).toEqual(['first 5', 'other 5'])
    seen.length = 0
    context.punctuations.run('streamTime', 30)
    expect(seen).toEqual(['first 30', 'other 30', 'second 30'])
  })

  test('needs an interval of 1 ms or more', async () => {
    const { context, node } = await scene({ environment })
    for (const interval of [0, 0.5, -1, Number.NaN])
      expect(() => context.schedule(node('source'), interval, 'streamTime', () => {})).toThrow('has to be 1 ms or more')
    context.schedule(node('source'), 1, 'streamTime', () => {})
  })

  test('that fails is a dead letter of nothing, and no failure of the record in hand', async () => {
    const { context, outputs, node } = await scene()
    context.schedule(node('source'), 10, 'streamTime', () => {
      throw new Error('no')
    })
    context.punctuations.run('streamTime', 0)
    expect(context.hasFailed).toBe(false)
    const [letter] = outputs.take()
    expect(letter).toMatchObject({ topic: 'in_dead_letters', records: [{ key: null, value: null, timestamp: 0 }] })
  })
})

describe('a result that no record has caused', () => {
  const result = { key: 'k', value: 1, timestamp: 5 }

  test('stands, and is counted until the next checkpoint', async () => {
    const { context, node, outputs } = await scene()
    const out = context.topicOutput(node('repartition', ({ spec }) => spec.topic !== by))
    for (let i = 0; i < 2; i++) context.emitResult(node('source'), 'k', 1, () => out.write(result))
    expect([outputs.size, context.results, context.hasFailed]).toEqual([2, 2, false])
    context.startShare()
    expect(context.results).toBe(0)
  })

  test('that fails is undone alone, in its stores, for Kafka and for ends, and becomes a dead letter', async () => {
    const { context, node, outputs, sinks, state } = await scene()
    const out = context.topicOutput(node('repartition', ({ spec }) => spec.topic !== by))
    const end = context.sinkOutput(node('sink', ({ spec }) => spec.target === rows))
    const store = state.stores.get('last-retained') as KeyValueStore
    const emit = (value: number, how?: () => void) => () => {
      store.put('k', value)
      out.write({ ...result, value })
      end.write(result, { topic: 'in', partition: 0, offset: 3 })
      how?.()
    }
    const fails = () => {
      throw new Error('no')
    }
    state.journal.begin()
    context.emitResult(node('source'), 'k', 1, emit(1))
    context.emitResult(node('source'), { key: 'k', window: { start: 1, end: 2 } }, 2, emit(2, fails))
    context.emitResult(
      node('source'),
      'k',
      3,
      emit(3, () => context.fail(node('sink'), new Error('downstream'))),
    )
    expect([store.get('k'), sinks.bytes, context.hasFailed, context.results]).toEqual([1, 64, false, 3])
    const [written, letters] = outputs.take()
    expect(written?.records.map(({ value }) => String(value))).toEqual(['1'])
    expect(letters?.records.map(({ key, value, timestamp }) => [String(key), String(value), timestamp])).toEqual([
      ['"k"', '2', 0],
      ['"k"', '3', 0],
    ])
    context.streamTime.value = 70
    context.emitResult(node('source'), 'k', 1, fails)
    expect(outputs.take()[0]?.records[0]?.timestamp).toBe(70)
  })

  test('is not tried where the record in hand has failed, all of which will be undone', async () => {
    const { context, node } = await scene()
    let tried = 0
    context.fail(node('source'), new Error('no'))
    context.emitResult(node('source'), 'k', 1, () => tried++)
    expect([tried, context.results]).toEqual([0, 0])
  })

  test('is not tried where an end has refused all of them', async () => {
    const { context, node, judge, outputs } = await scene()
    judge.judgeBy({
      ...{ refusalOf: () => undefined, refusedOutput: () => undefined },
      leftOut: { results: new ContentError('none of them') },
    })
    let tried = 0
    context.emitResult(node('source'), 'k', 1, () => tried++)
    expect([tried, outputs.take()[0]?.topic]).toEqual([0, 'in_dead_letters'])
  })

  test('that needs a topic that nobody has looked for fails the record in hand', async () => {
    const { context, node } = await scene()
    const unknown = new UnknownTopic('out')
    context.emitResult(node('source'), 'k', 1, () => {
      throw unknown
    })
    expect(context.takeFailure()).toEqual({ node: node('source'), error: unknown })
  })
})

describe('a failure', () => {
  test('of what no record has caused is thrown with where it was', async () => {
    const { context, node } = await scene()
    context.throwFailure('the idle clock')
    const cause = new Error('no')
    context.fail(node('source'), cause)
    const thrown = (() => {
      try {
        context.throwFailure('the idle clock')
      } catch (error) {
        return error as ProcessError
      }
    })()
    expect(thrown).toBeInstanceOf(ProcessError)
    expect(thrown).toMatchObject({ message: 'task 0_0, step in: the idle clock failed: no', cause, task: '0_0' })
    context.throwFailure('the idle clock')
    context.fail(node('source'), 'a text')
    expect(() => context.throwFailure('the idle clock')).toThrow('failed: a text')
    const unknown = new UnknownTopic('out')
    context.fail(node('source'), unknown)
    expect(() => context.throwFailure('the idle clock')).toThrow(unknown)
  })

  test('of a step that begins is a fault of the topology', async () => {
    const { context, node } = await scene()
    context.throwIfUnfit()
    context.fail(node('source'), new Error('no'))
    expect(() => context.throwIfUnfit()).toThrow(TopologyError)
    expect(() => context.throwIfUnfit()).toThrow('step in: its init failed: no')
    const other = (await scene()).context
    const own = new TopologyError('of its own')
    other.fail(node('source'), own)
    expect(() => other.throwIfUnfit()).toThrow(own)
    const worded = (await scene()).context
    worded.fail(node('source'), 'a text')
    expect(() => worded.throwIfUnfit()).toThrow('its init failed: a text')
  })
})
