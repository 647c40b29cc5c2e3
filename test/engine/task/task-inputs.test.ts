import { json, type Processor, text, topology } from '../../../src'
import { memory } from '../../../src/connectors/memory/memory-target'
import { LoneTask, out } from './lone-task'

const serdes = { key: text, value: json<any>() }
const merging = topology('app', s => {
  s.stream('in', serdes).merge(s.stream('side', serdes)).to('out', serdes)
})

test('of several inputs the oldest record is next, and after a rollback too', async () => {
  const lone = await LoneTask.of(merging)
  lone.feed('in', { value: 1, timestamp: 10 }, { value: 3, timestamp: 30 })
  lone.feed('side', { value: 2, timestamp: 20 }, { value: 4, timestamp: 40 })
  expect(lone.task.process(1)).toBe(1)
  lone.task.rollback(() => 0)
  for (const topic of ['in', 'side']) lone.again(topic, 0)
  expect(lone.run()).toBe(4)
  expect(out(lone)).toEqual([1, 2, 3, 4].map(value => `out/0 k ${value}`))
})

describe('a checkpoint is needed', () => {
  test('where one of several inputs has moved, though nothing came of it', async () => {
    const skipping = topology('app', s => {
      const read = { ...serdes, onBadRecord: 'skip' } as const
      s.stream('in', read).merge(s.stream('side', read)).to('out', serdes)
    })
    const lone = await LoneTask.of(skipping)
    lone.feed('side', { value: 'no JSON' }).run()
    expect(lone.task.isDirty).toBe(true)
    lone.task.checkpoint()
    expect(lone.task.isDirty).toBe(false)
  })

  test('for a result alone, which no record has caused', async () => {
    let nowMs = 0
    const ticking = topology('app', s => {
      const supplier = (): Processor => ({
        init: context => {
          // Called once: no later time is noted either.
          const ticking = context.schedule(10, 'wallClock', timestamp => {
            context.forward({ key: 'k', value: 1, timestamp })
            ticking.cancel()
          })
        },
        process: () => {},
      })
      s.stream('in', serdes).process<string, number>({ name: 'p', supplier }).to('out', serdes)
    })
    const lone = await LoneTask.of(ticking, { environment: { clock: { now: () => nowMs, monotonic: () => 0 } } })
    lone.task.checkpoint()
    expect(lone.task.isDirty).toBe(false)
    nowMs = 10
    lone.task.time.punctuateWallClock()
    expect(lone.task.isDirty).toBe(true)
    expect(out(lone)).toEqual(['out/0 k 1'])
  })

  test('for retained values alone, which an end is given again', async () => {
    const copying = topology('app', s => {
      s.stream('in', serdes).to(memory<string, any>({ name: 'rows', retains: ({ key }) => key }))
    })
    const lone = await LoneTask.of(copying)
    lone.feed('in', { value: 1 }).run()
    lone.task.checkpoint()
    expect(lone.task.isDirty).toBe(false)
    lone.task.writeRetained('memory')
    expect(lone.task.isDirty).toBe(true)
  })
})

test('what was said of time before a rollback is said again', async () => {
  const lone = await LoneTask.of(
    topology('app', s =>
      s
        .stream('in', serdes)
        .repartition({ name: 'by', ...serdes })
        .to('out', serdes),
    ),
    { partitions: { in: 2 } },
  )
  const [first] = lone.task.checkpoint().marks
  expect([first?.topic, lone.task.checkpoint().marks]).toEqual(['app-by-repartition', []])
  lone.task.rollback(() => 0)
  expect(lone.task.checkpoint().marks).toEqual([first])
})
