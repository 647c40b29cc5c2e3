import {
  json,
  keyValueStore,
  type Processor,
  type ProcessorContext,
  type StreamsBuilder,
  text,
  topology,
  tumbling,
} from '../../../src'
import type { StoreSpec } from '../../../src/dsl/graph'
import type { Times } from '../../../src/engine/task/time-report'
import { at, closedCounts, type LoneOptions, LoneTask, out, written } from './lone-task'

const serdes = { key: text, value: json<any>() }
const taskOf = (build: (s: StreamsBuilder) => unknown, options: LoneOptions = {}) =>
  LoneTask.of(
    topology('app', s => void build(s)),
    { partitions: { in: 2 }, ...options },
  )

describe('the idle clock', () => {
  const counting = (s: StreamsBuilder) => closedCounts(s.stream('in', serdes))

  test('closes what its time closes, and the decision is kept with the positions at which it fell', async () => {
    const lone = await taskOf(counting)
    expect(lone.task.time.nextAdvance).toBeUndefined()
    lone.feed('in', at(5)).run()
    expect(lone.task.time.nextAdvance).toBe(10)
    lone.task.time.advance(10)
    expect([lone.task.streamTime, lone.task.time.nextAdvance]).toEqual([10, undefined])
    const { outputs } = lone.task.checkpoint()
    expect(written(outputs).filter(line => /^out|idle/.test(line))).toEqual([
      'app-times-changelog/0 in/idle {"time":10,"offsets":{"in":1}}',
      'out/0 k 1',
    ])
    expect(outputs[0]?.records[0]?.timestamp).toBe(5)
  })

  test('never takes stream time back', async () => {
    const lone = await taskOf(counting)
    lone.feed('in', at(50)).run()
    lone.task.time.advance(20)
    expect(lone.task.streamTime).toBe(50)
  })

  test('has next to do what is first to close', async () => {
    const lone = await taskOf(s => {
      const read = s.stream('in', serdes).groupByKey()
      for (const sizeMs of [100, 20])
        read.windowedBy(tumbling({ sizeMs, graceMs: 0 }), { emit: 'onWindowClose' }).count({ name: `of-${sizeMs}` })
    })
    lone.feed('in', at(5)).run()
    expect(lone.task.time.nextAdvance).toBe(20)
    lone.task.time.advance(30)
    expect(lone.task.time.nextAdvance).toBe(100)
  })

  test('what it writes is never ahead of the clock, nor before all time', async () => {
    const logTime = async (nowMs: number, ...times: number[]) => {
      const lone = await taskOf(counting, { environment: { clock: { now: () => nowMs, monotonic: () => 0 } } })
      lone.feed('in', ...times.map(time => at(time))).run()
      return lone.task.time.logTime
    }
    expect([await logTime(100), await logTime(100, 70), await logTime(100, 170)]).toEqual([0, 70, 100])
  })
})

describe('punctuators', () => {
  const punctuated =
    (
      type: 'streamTime' | 'wallClock',
      punctuate: (context: ProcessorContext, time: number) => void,
      stores: readonly StoreSpec[] = [],
    ) =>
    (s: StreamsBuilder) => {
      const supplier = (): Processor => ({
        init: context => void context.schedule(10, type, time => punctuate(context, time)),
        process: () => {},
      })
      s.stream('in', { ...serdes, onBadRecord: 'fail' })
        .process<string, number>({ name: 'p', supplier, stores })
        .to('out', serdes)
    }
  const tick = (context: ProcessorContext, time: number) =>
    context.forward({ key: context.metadata === undefined ? 'none' : 'record', value: time, timestamp: time })
  const clocked = (type: 'streamTime' | 'wallClock', punctuate = tick) => {
    let nowMs = 1_000
    const environment = { clock: { now: () => nowMs, monotonic: () => 0 } }
    return taskOf(punctuated(type, punctuate), { environment }).then(lone => ({
      lone,
      set: (ms: number) => (nowMs = ms),
    }))
  }

  test('by the wall clock are called when they are due, caused by no record', async () => {
    const { lone, set } = await clocked('wallClock')
    lone.feed('in', at(5)).run()
    expect(lone.task.time.nextWallClock).toBe(1_010)
    set(1_009)
    lone.task.time.punctuateWallClock()
    expect(out(lone)).toEqual([])
    set(1_010)
    lone.task.time.punctuateWallClock()
    expect([out(lone), lone.task.time.nextWallClock]).toEqual([['out/0 none 1010'], 1_020])
  })

  test('by stream time are called by records, and by the idle clock', async () => {
    const { lone } = await clocked('streamTime')
    lone.feed('in', at(5)).run()
    lone.task.time.advance(10)
    expect(out(lone)).toEqual(['out/0 record 5', 'out/0 none 10'])
    expect(lone.task.time.nextWallClock).toBeUndefined()
  })

  test.each([
    ['wallClock', 'a wall-clock punctuator failed: task 0_0, step p: a result failed: no'],
    ['streamTime', 'the idle clock failed: task 0_0, step p: a result failed: no'],
  ] as const)('by %s that fail stop a task whose policy says so', async (type, words) => {
    const { lone, set } = await clocked(type, () => {
      throw new Error('no')
    })
    set(1_010)
    const run = () => (type === 'wallClock' ? lone.task.time.punctuateWallClock() : lone.task.time.advance(10))
    expect(run).toThrow(words)
  })

  test('a schedule by the wall clock is state where the task keeps any: a takeover goes on with it', async () => {
    const scheduled = (type: 'streamTime' | 'wallClock', isStateful: boolean) =>
      taskOf(punctuated(type, tick, isStateful ? [keyValueStore({ name: 'mine' })] : []), { partitions: {} })
    const stateful = await scheduled('wallClock', true)
    expect(stateful.task.isDirty).toBe(true)
    stateful.task.checkpoint()
    expect(stateful.task.isDirty).toBe(false)
    for (const [type, isStateful] of [
      ['wallClock', false],
      ['streamTime', true],
    ] as const)
      expect((await scheduled(type, isStateful)).task.isDirty).toBe(false)
  })
})

describe('what time brings about is caused by no record, though one may wait at the head of an input', () => {
  const [by, narrow] = ['app-by-repartition', 'narrow']
  const said = (...times: number[]): Times => new Map(times.map((time, i) => [i, { time, quiet: 30, at: {} }]))
  /** Windows, whose results say whether a record was in hand, behind a topic that two tasks write, beside another one. */
  const waiting = async (type: 'streamTime' | 'wallClock', before: Times = new Map()) => {
    let nowMs = 0
    const build = (s: StreamsBuilder) => {
      const supplier = (): Processor => {
        let given: ProcessorContext
        const say = (timestamp: number) =>
          given.forward({ key: given.metadata === undefined ? 'none' : 'record', value: timestamp, timestamp })
        return {
          init: context => {
            given = context
            context.schedule(100, type, say)
          },
          process: ({ timestamp }) => say(timestamp),
        }
      }
      const homed = s.stream('in', serdes).repartition({ name: 'by', ...serdes })
      homed
        .merge(s.stream(narrow, serdes))
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
        .count({ name: 'counts' })
        .toStream()
        .process<string, number>({ name: 'p', supplier })
        .to('out', serdes)
    }
    const environment = { clock: { now: () => nowMs, monotonic: () => 0 } }
    const lone = await taskOf(build, { reads: by, environment })
    lone.task.time.takeUpstream(by, before)
    lone.feed(by, at(5), at(25), at(25))
    expect(lone.task.process(2)).toBe(2)
    // The next record is decoded, and has to wait for what the other input may bring.
    lone.task.input(narrow)?.noteCaughtUp(false)
    expect(lone.run()).toBe(0)
    expect(lone.task.input(by)?.head).toBeDefined()
    lone.task.checkpoint()
    const { time } = lone.task
    return { lone, time, set: (ms: number) => (nowMs = ms) }
  }

  test('by what those upstream say', async () => {
    const { lone, time } = await waiting('wallClock', said(30, 3))
    time.takeUpstream(by, said(30, 30))
    expect(out(lone)).toEqual(['out/0 none 5'])
  })

  test('by their silence', async () => {
    const { lone, time } = await waiting('wallClock', said(30, 3))
    time.pass([{ topic: by, partition: 1, timeMs: 30 }])
    expect(out(lone)).toEqual(['out/0 none 5'])
  })

  test('by the wall clock', async () => {
    const { lone, time, set } = await waiting('wallClock')
    set(100)
    time.punctuateWallClock()
    expect(out(lone)).toEqual(['out/0 none 100'])
  })

  test('by the idle clock', async () => {
    const { lone, time } = await waiting('streamTime')
    time.advance(100)
    expect(out(lone)).toEqual([5, 25, 100].map(timestamp => `out/0 none ${timestamp}`))
  })
})
