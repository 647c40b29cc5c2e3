import type { Sink, SinkTask } from '../../src/connectors/sink'
import { TaskState } from '../../src/engine/task/task-state'
import { inputsOf, overtaken } from '../../src/engine/worker/open-tasks'
import { wantedOf } from '../../src/engine/worker/wanted-task'
import { FencedError, UnavailableError } from '../../src/errors'
import { membership, plan, startAt, takeoverScene } from '../testing/takeover-scene'

describe('tasks that are opened', () => {
  it('are taken over in Kafka before they are restored, and read from what is committed', async () => {
    const { open, events, known, ledger } = await takeoverScene()
    const opened = await open('0_0')
    expect(events).toEqual([
      'identify',
      [
        'ledger',
        membership,
        [
          { topic: 'in', partition: 0 },
          { topic: 'other', partition: 0 },
        ],
      ],
      'prove',
      ['seek', 'in', 5, 'id of in'],
      ['seek', 'other', 7, 'id of other'],
      'opened',
    ])
    expect(opened.ledger).toBe(ledger)
    const slot = opened.slots.get('0_0')!
    expect([...slot.sealed]).toEqual([
      ['in', { offset: 5, metadata: 'w-1' }],
      ['other', { offset: 7, metadata: 'w-1' }],
    ])
    expect([...slot.topicIds!]).toEqual([
      ['in', 'id of in'],
      ['other', 'id of other'],
    ])
    expect(known.get('0_0')).toBe(slot)
    expect(slot.task.stores.get('counted')?.size).toBe(1)
    expect(opened.road.outage).toBeUndefined()
  })

  it('read only partitions that there are', async () => {
    const { environment } = await takeoverScene()
    expect(inputsOf(wantedOf(plan, ['0_1']), environment)).toEqual([{ topic: 'in', partition: 1 }])
  })

  it('begin where a log does as long as nothing is committed, and are not said to have committed that', async () => {
    const { open, kafka, events } = await takeoverScene()
    kafka.starts = [startAt('in', undefined, ''), startAt('other', 0)]
    const { slots } = await open('0_0')
    expect(events).toContainEqual(['seek', 'in', 3, 'id of in'])
    expect(events).toContainEqual(['seek', 'other', 0, 'id of other'])
    expect(slots.get('0_0')?.sealed.get('in')).toEqual({ offset: undefined, metadata: '' })
  })

  it('are said to be read anew where their topic was made again, a line each', async () => {
    const { open, kafka, warnings } = await takeoverScene()
    await open('0_0')
    expect(warnings).toEqual([])
    kafka.starts = [
      { ...startAt('in', undefined, ''), formerOffset: 11 },
      { ...startAt('in', undefined, '', 1), formerOffset: 12 },
      { ...startAt('other', undefined, ''), formerOffset: 13 },
    ]
    await open('0_0', '0_1')
    expect(warnings.map(line => [/topic (\w+)/.exec(line)?.[1], /\d+: \d+(, \d+: \d+)*$/.exec(line)?.[0]])).toEqual([
      ['in', '0: 11, 1: 12'],
      ['other', '0: 13'],
    ])
  })

  it('go on from what their state says, where Kafka has forgotten what was committed and they keep it', async () => {
    const { open, kafka, environment, events } = await takeoverScene()
    kafka.starts = [startAt('in', undefined, ''), startAt('other', 7)]
    kafka.positions = { in: { offset: 9, topicId: 'id of in' } }
    environment.keepsPositions = true
    const { slots } = await open('0_0')
    expect(events).toContainEqual(['seek', 'in', 9, 'id of in'])
    expect(slots.get('0_0')!.sealed.get('in')).toEqual({ offset: 9, metadata: '' })
    environment.keepsPositions = false
    await open('0_0')
    expect(events).toContainEqual(['seek', 'in', 3, 'id of in'])
  })

  it('of a partition that the ledger says nothing of are refused', async () => {
    const { open, kafka } = await takeoverScene()
    kafka.starts = [startAt('in', 5), startAt('other', 7, 'w-1', 1)]
    await expect(open('0_0')).rejects.toThrow('the start of other/0')
  })
})

describe('an end', () => {
  function endAt(position: number) {
    const asked: (readonly SinkTask[])[] = []
    const open = async (tasks: readonly SinkTask[]) => {
      asked.push(tasks)
      return tasks.map(() => position)
    }
    const sink = { targets: [{ end: { kind: 'memory' } }], open } as unknown as Sink
    return { sink, asked }
  }

  it('is taken over by who has proven that the tasks are its own, and is not given again what it has', async () => {
    const { open, sinks, events } = await takeoverScene()
    const { sink, asked } = endAt(9)
    sinks.push(sink)
    const { slots } = await open('0_0')
    expect(asked).toEqual([
      [{ task: '0_0', topic: 'other', partition: 0, topicId: 'id of other', offset: 7, endOffset: 100 }],
    ])
    const { sinks: outputs } = slots.get('0_0')!.task
    expect([outputs.heldUpTo('memory', 'other'), outputs.heldUpTo('memory', 'in')]).toEqual([9, 0])
    expect(events.indexOf('prove')).toBeGreaterThan(0)
  })

  it('is not touched, nor anything read, by who has lost the tasks', async () => {
    const { open, sinks, events, ledger } = await takeoverScene()
    const { sink, asked } = endAt(9)
    sinks.push(sink)
    const fenced = new FencedError('another worker has the tasks')
    ledger.prove = () => Promise.reject(fenced)
    await expect(open('0_0')).rejects.toBe(fenced)
    expect(asked).toEqual([])
    expect(events.filter(event => Array.isArray(event) && event[0] === 'seek')).toEqual([])
    expect(events.at(-1)).toBe('close')
  })
})

describe('what is known of a task', () => {
  it('is gone on with while it is what Kafka has, from what is committed', async () => {
    const { open, kafka, events } = await takeoverScene()
    const { slots } = await open('0_0')
    const first = slots.get('0_0')!
    const reads = kafka.reads
    first.task.inputs[0]!.position = 99
    events.length = 0
    const again = await open('0_0')
    expect(again.slots.get('0_0')).toBe(first)
    expect(kafka.reads).toBe(reads)
    expect(first.task.inputs[0]!.position).toBe(5)
    expect(events).toContainEqual(['seek', 'in', 5, 'id of in'])
  })

  it.each([
    ['another offset of one topic', [startAt('in', 5), startAt('other', 8)]],
    ['the same offset by the commit of another', [startAt('in', 5, 'w-2'), startAt('other', 7)]],
  ])('is restored further where Kafka has %s', async (_, starts) => {
    const { open, kafka } = await takeoverScene()
    const first = (await open('0_0')).slots.get('0_0')!
    const { reads } = kafka
    kafka.starts = starts
    const next = (await open('0_0')).slots.get('0_0')!
    expect(next).not.toBe(first)
    expect(kafka.reads).toBeGreaterThan(reads)
    // What it has already is gone on from.
    expect(next.task.state).toBe(first.task.state)
  })

  it('is made anew where a topic has got partitions', async () => {
    const { open, widths } = await takeoverScene()
    const first = (await open('0_0')).slots.get('0_0')!
    widths.counts = new Map(widths.counts)
    const next = (await open('0_0')).slots.get('0_0')!
    expect(next).not.toBe(first)
    expect(next.widths).toBe(widths.counts)
  })

  it('is given up where another worker of this machine has its copies on disk, a standby’s too', async () => {
    const { open, environment, held } = await takeoverScene()
    const first = (await open('0_0')).slots.get('0_0')!
    Object.defineProperty(first.task.state, 'isOwner', { value: false })
    const second = (await open('0_0')).slots.get('0_0')!
    expect(second.task.state).not.toBe(first.task.state)
    const [lost, ours] = [0, 1].map(() => new TaskState(plan.subTopologies[0]!, 0, environment)) as [
      TaskState,
      TaskState,
    ]
    Object.defineProperty(lost, 'isOwner', { value: false })
    Object.defineProperty(second.task.state, 'isOwner', { value: false })
    held.set('0_0', lost)
    const third = (await open('0_0')).slots.get('0_0')!
    expect(third.task.state).not.toBe(lost)
    Object.defineProperty(third.task.state, 'isOwner', { value: false })
    held.set('0_0', ours)
    expect((await open('0_0')).slots.get('0_0')!.task.state).toBe(ours)
  })
})

describe('a takeover that fails', () => {
  const away = new UnavailableError('nobody there')

  it('holds nothing in Kafka, and keeps what was restored for the next one', async () => {
    const { open, kafka, events, held, known, ledger } = await takeoverScene()
    kafka.failure = away
    ledger.close = async () => {
      events.push('close')
      throw new Error('closed already')
    }
    await expect(open('0_0')).rejects.toBe(away)
    expect(events.at(-1)).toBe('close')
    expect(events).not.toContain('opened')
    expect([[...held.keys()], known.size]).toEqual([['0_0'], 0])
    const [state] = held.values()
    kafka.failure = undefined
    expect((await open('0_0')).slots.get('0_0')!.task.state).toBe(state)
  })

  it('keeps what was known where it was, and not for standbys', async () => {
    const { open, kafka, held, known } = await takeoverScene()
    await open('0_0')
    kafka.starts = [startAt('in', 6), startAt('other', 7)]
    kafka.failure = away
    await expect(open('0_0')).rejects.toBe(away)
    expect([held.size, [...known.keys()]]).toEqual([0, ['0_0']])
  })

  it('once all is restored keeps it as what is known, and not for standbys', async () => {
    const { open, ledger, held, known } = await takeoverScene()
    ledger.prove = () => Promise.reject(away)
    await expect(open('0_0')).rejects.toBe(away)
    expect([held.size, [...known.keys()]]).toEqual([0, ['0_0']])
  })
})

test('tasks are overtaken of which another offset, or another’s commit, is in Kafka', async () => {
  const { open, kafka } = await takeoverScene()
  kafka.starts = [startAt('in', 5), startAt('other', 7), startAt('in', 2, 'w-1', 1)]
  const slots = [...(await open('0_0', '0_1')).slots.values()]
  expect(overtaken(slots, kafka.starts)).toEqual([])
  expect(overtaken(slots, [startAt('in', 5), startAt('other', 8), startAt('in', 2, 'w-1', 1)])).toEqual(['0_0'])
  expect(overtaken(slots, [startAt('in', 5), startAt('other', 7), startAt('in', 2, 'w-2', 1)])).toEqual(['0_1'])
  expect(() => overtaken(slots, [startAt('in', 5)])).toThrow('the offset of other/0')
})
