import { json, type StreamsBuilder, text, topology, tumbling } from '../../../src'
import { type TimeReport, timeHeader } from '../../../src/engine/task/time-report'
import { at, closedCounts, type LoneOptions, LoneTask, out, written } from './lone-task'

const serdes = { key: text, value: json<any>() }
const infinite = Number.POSITIVE_INFINITY
const [by, next] = ['app-by-repartition', 'app-next-repartition']
const two = { in: 2, side: 2, [by]: 2, [next]: 2 }

const closing = (s: StreamsBuilder, only?: 'misplaced') =>
  closedCounts(s.stream('in', serdes).repartition({ name: 'by', ...serdes, ...(only && { only }) }))

const taskOf = (build: (s: StreamsBuilder) => unknown, options: LoneOptions = {}) =>
  LoneTask.of(
    topology('app', s => void build(s)),
    { partitions: two, ...options },
  )
const report = (time: number, quiet = infinite, at: TimeReport['at'] = {}): TimeReport => ({ time, quiet, at })
const said = (...times: (number | TimeReport)[]) =>
  new Map(times.map((each, i) => [i, typeof each === 'number' ? report(each) : each]))
const marks = ({ task }: LoneTask) => task.time.takeMarks().map(each => [each.topic, each.partition, each.report])

describe('what a task says of its time', () => {
  test('is its stream time, and how far it has read, into what it repartitions, where that is new', async () => {
    const lone = await taskOf(closing, { partition: 1 })
    expect(lone.task.isDirty).toBe(true)
    expect(marks(lone)).toEqual([[by, 1, report(-1, infinite, { in: 0 })]])
    expect([marks(lone), lone.task.isDirty]).toEqual([[], false])
    lone.feed('in', at(70)).run()
    expect(lone.task.checkpoint().marks).toEqual([{ topic: by, partition: 1, report: report(70, infinite, { in: 1 }) }])
    expect(lone.task.isDirty).toBe(false)
    lone.task.rollback(() => 1)
    expect(marks(lone)).toEqual([[by, 1, report(-1, infinite, { in: 1 })]])
  })

  test('is said again after a rollback, as nobody knows whether it came', async () => {
    const lone = await taskOf(closing)
    const first = marks(lone)
    lone.task.time.forgetMarks()
    expect(marks(lone)).toEqual(first)
  })

  test('is nothing where it is the only one, or repartitions nothing', async () => {
    expect(marks(await taskOf(closing, { partitions: {} }))).toEqual([])
    expect(marks(await taskOf(closing, { partitions: { in: 2 } }))).toHaveLength(1)
    expect(marks(await taskOf(closing, { reads: by }))).toEqual([])
    const merged = (s: StreamsBuilder) =>
      s
        .stream('in', serdes)
        .merge(s.stream('side', serdes))
        .repartition({ name: 'by', ...serdes })
        .to('out', serdes)
    expect(marks(await taskOf(merged, { partitions: { in: 1, side: 2 } }))).toHaveLength(1)
  })

  test('is no later than what those say whose records pass through it', async () => {
    const chained = (s: StreamsBuilder) => {
      const first = s.stream('in', serdes).repartition({ name: 'by', ...serdes })
      first
        .merge(s.stream('side', serdes))
        .repartition({ name: 'next', ...serdes })
        .to('out', serdes)
    }
    const lone = await taskOf(chained, { reads: by })
    expect(marks(lone)).toEqual([[next, 0, report(-1, -1, { side: 0 })]])
    lone.feed('side', at(50)).run()
    lone.task.time.takeUpstream(by, said(20))
    expect(marks(lone)).toEqual([[next, 0, report(-1, -1, { side: 1 })]])
    lone.task.time.takeUpstream(by, said(20, 30))
    expect(marks(lone)).toEqual([[next, 0, report(20, 20, { side: 1 })]])
    lone.task.time.takeUpstream(by, said(60, 70))
    expect(marks(lone)).toEqual([[next, 0, report(50, 60, { side: 1 })]])
  })

  test('is what those say alone, where it has no sources of its own, and nothing before they have', async () => {
    const chained = (s: StreamsBuilder) => {
      const first = s.stream('in', serdes).repartition({ name: 'by', ...serdes })
      first.repartition({ name: 'next', ...serdes }).to('out', serdes)
    }
    const lone = await taskOf(chained, { reads: by })
    lone.task.time.takeUpstream(by, said(20))
    expect(marks(lone)).toEqual([])
    lone.task.time.takeUpstream(by, said(20, 0))
    expect(marks(lone)).toEqual([[next, 0, report(0, 0)]])
    lone.task.time.takeUpstream(by, said(20, 30))
    expect(marks(lone)).toEqual([[next, 0, report(20, 20)]])
  })
})

describe('where only misplaced records are sent on', () => {
  const misplaced = (options: LoneOptions = {}) => taskOf(s => closing(s, 'misplaced'), options)

  test('nothing is said before one was sent or came, and then of what it reads itself', async () => {
    const lone = await misplaced()
    lone.feed('in', at(5, 'b')).run()
    expect(marks(lone)).toEqual([])
    // The partitioner has a at 1.
    lone.feed('in', at(7, 'a')).run()
    expect(marks(lone)).toEqual([[by, 0, report(7, infinite, { in: 2 })]])
    lone.feed(by, at(90, 'b')).run()
    expect([lone.task.streamTime, marks(lone)]).toEqual([90, []])
    lone.feed('in', at(6, 'b'), at(8, 'b')).run()
    expect(marks(lone)).toEqual([[by, 0, report(8, infinite, { in: 4 })]])
  })

  test('one that comes makes all of them count', async () => {
    const lone = await misplaced()
    lone.feed(by, at(90, 'b')).run()
    expect(lone.task.time.upstream.isOn(by)).toBe(true)
    expect(marks(lone)).toEqual([[by, 0, report(-1, infinite, { in: 0 })]])
  })

  test('the time of its own records is part of its state', async () => {
    const lone = await misplaced()
    lone.feed('in', at(5, 'b')).run()
    const names = lone.task.checkpoint().outputs.flatMap(({ records }) => records.map(({ key }) => String(key)))
    expect(names).toContain('in/own-time')
    // Where nothing else is read, the task's own time is stream time.
    const alone = await taskOf(s => s.stream('in', serdes).groupByKey().count({ name: 'counts' }))
    alone.feed('in', at(5)).run()
    const kept = alone.task.checkpoint().outputs.flatMap(({ records }) => records.map(({ key }) => String(key)))
    expect(kept).toContain('in/stream-time')
    expect(kept).not.toContain('in/own-time')
  })

  test('what goes through another topic, as all of it does, is told of from the start', async () => {
    const both = (s: StreamsBuilder) =>
      s
        .stream('in', serdes)
        .repartition({ name: 'by', ...serdes, only: 'misplaced' })
        .groupByKey()
        .count({ name: 'counts' })
        .toStream()
        .repartition({ name: 'next', ...serdes })
        .to('out', serdes)
    expect(marks(await taskOf(both))).toEqual([[next, 0, report(-1, infinite, { in: 0 })]])
  })
})

describe('those upstream', () => {
  const behind = async () => {
    const lone = await taskOf(closing, { reads: by })
    lone.feed(by, at(5), at(25)).run()
    return lone
  }

  test('hold windows back until all of them have said their time', async () => {
    const lone = await behind()
    expect(out(lone)).toEqual([])
    lone.task.time.takeUpstream(by, said(30))
    expect(out(lone)).toEqual([])
    lone.task.time.takeUpstream(by, said(30, 25))
    expect(out(lone)).toEqual(['out/0 k 1'])
  })

  test('say it in the topic itself, behind their records', async () => {
    const lone = await behind()
    const header = Buffer.from(JSON.stringify({ 0: [30, null, {}], 1: [25, null, {}] }))
    lone.feed(by, { key: 'times', value: null, headers: { [timeHeader]: header } })
    expect(lone.run()).toBe(1)
    expect([lone.task.processed, out(lone)]).toEqual([2, ['out/0 k 1']])
  })

  test('that are silent hold nothing back once that was waited for', async () => {
    const lone = await behind()
    lone.task.time.takeUpstream(by, said(30, 3))
    lone.task.time.pass([])
    lone.task.time.pass([{ topic: by, partition: 1, timeMs: 9 }])
    expect(out(lone)).toEqual([])
    lone.task.time.pass([
      { topic: by, partition: 1, timeMs: 30 },
      { topic: by, partition: 7, timeMs: 30 },
    ])
    expect(out(lone)).toEqual(['out/0 k 1'])
  })

  test('one that was waited for alone releases what it held back', async () => {
    const lone = await behind()
    lone.task.time.takeUpstream(by, said(30, 3))
    lone.task.time.pass([{ topic: by, partition: 1, timeMs: 30 }])
    expect(out(lone)).toEqual(['out/0 k 1'])
  })

  test('bring on no step that has had no record', async () => {
    const lone = await taskOf(closing, { reads: by })
    const cells = () => written(lone.task.checkpoint().outputs).filter(line => line.includes('/0 counts'))
    expect(cells().every(line => line.endsWith(' -1'))).toBe(true)
    lone.task.time.takeUpstream(by, said(30, 30))
    expect(cells()).toEqual([])
  })

  test('are as many as the widest topic has partitions that one of them reads', async () => {
    const merged = (s: StreamsBuilder) =>
      s
        .stream('in', serdes)
        .merge(s.stream('side', serdes))
        .repartition({ name: 'by', ...serdes })
        .groupByKey()
        .count({ name: 'counts' })
    const widths = async (partitions: Record<string, number>) =>
      (await taskOf(merged, { reads: by, partitions })).task.time.upstream.topics.map(each => each.upstream.width)
    expect(await widths({ in: 2, side: 3 })).toEqual([3])
    expect(await widths({ in: 1, side: 1 })).toEqual([])
  })

  test('what is released fails with what it is about', async () => {
    const lone = await taskOf(
      s => {
        s.stream('in', { ...serdes, onBadRecord: 'fail' })
          .repartition({ name: 'by', ...serdes })
          .groupByKey()
          .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
          .count({ name: 'counts' })
          .toStream()
          .mapValues(() => {
            throw new Error('no')
          })
      },
      { reads: by },
    )
    lone.feed(by, at(5), at(25)).run()
    expect(() => lone.task.time.takeUpstream(by, said(30, 30))).toThrow(/an upstream time failed: .*no/)
  })
})
