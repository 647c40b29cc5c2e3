import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { Ledger, Membership, StartOffset } from '../../src/connectors/ledger'
import { memory } from '../../src/connectors/memory/memory-target'
import type { Sink, SinkTask } from '../../src/connectors/sink'
import type { TopicPartition } from '../../src/connectors/source'
import { blameOf } from '../../src/engine/plan/blame'
import { planOf } from '../../src/engine/plan/plan'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { noLimits } from '../../src/engine/task/output-topics'
import type { TaskEnvironment } from '../../src/engine/task/task-environment'
import { TaskState } from '../../src/engine/task/task-state'
import { inputsOf, openTasks, overtaken, type Slot, type WorkerParts } from '../../src/engine/worker/open-tasks'
import { Tally } from '../../src/engine/worker/tally'
import { wantedOf } from '../../src/engine/worker/wanted-task'
import { FencedError, UnavailableError } from '../../src/errors'
import { changelogTopic } from '../../src/names'
import { graphFacts } from '../../src/operators/facts'
import { encodeState, stateText } from '../../src/state/state-codec'
import { batchOf } from '../../src/testing/memory-kafka'

const serdes = { key: text, value: json<any>() }
const plan = planOf(
  topology('app', streams => {
    const counts = streams.stream('in', serdes).groupByKey().count({ name: 'counted' })
    const other = streams.stream('other', serdes)
    other.to(memory({ name: 'rows' }))
    other.leftJoin(counts, { joiner: left => left }).to('out', serdes)
  }),
)
const changelog = changelogTopic('app', 'counted')
const clock = { now: () => 0, monotonic: () => 0 }
const membership: Membership = { groupId: 'app', memberId: 'me', generationId: 1 }
const counts: Readonly<Record<string, number>> = { in: 2, other: 1 }

const startAt = (topic: string, offset: number | undefined, metadata = 'w-1', partition = 0): StartOffset => ({
  ...{ topic, partition, offset, metadata, topicId: `id of ${topic}` },
})

/** A worker's parts, around a Kafka with one count in its changelog. */
async function scene() {
  const events: unknown[] = []
  const environment: TaskEnvironment = {
    ...{ application: 'app', worker: 'test', facts: graphFacts(plan.topology), blame: blameOf(plan.topology) },
    ...{ codecs: await bindCodecs(plan.topology, new MemoryRegistry()), clock, maxFutureMs: 0 },
    partitionCount: topic => counts[topic] ?? 1,
    findTopic: () => ({ partitions: 1, limits: noLimits }),
    ...{ partitioner: () => 0, maxDeadLetterBytes: () => 0 },
    localState: { identify: async () => void events.push('identify') } as unknown as TaskEnvironment['localState'],
  }
  const kafka = { starts: [startAt('in', 5), startAt('other', 7)], failure: undefined as Error | undefined, reads: 0 }
  const ledger = {
    get starts() {
      return kafka.starts
    },
    prove: async () => void events.push('prove'),
    close: async () => void events.push('close'),
  }
  const broker = {
    openLedger: async (who: Membership, at: readonly TopicPartition[]) => {
      events.push(['ledger', who, at])
      return ledger as unknown as Ledger
    },
    startOffset: async ({ topic }: TopicPartition) => (counts[topic] === undefined ? 0 : 3),
    endOffset: async () => 100,
    topicIds: async (topics: readonly string[]) => new Map(topics.map(topic => [topic, `id of ${topic}`])),
    async *readPartition(at: TopicPartition) {
      if (kafka.failure !== undefined) throw kafka.failure
      kafka.reads++
      const value = encodeState({ value: 4, timestamp: 0 })
      if (at.topic === changelog)
        yield batchOf(at, [{ ...at, offset: 0, key: Buffer.from(stateText('a')), value, timestamp: 0 }])
    },
  }
  const held = new Map<string, TaskState>()
  const standbys = {
    take: (id: string) => held.get(id),
    keep: (id: string, state: TaskState) => void held.set(id, state),
  }
  const widths = { counts: new Map(Object.entries(counts)), of: (topic: string) => counts[topic] ?? 1 }
  const sinks: Sink[] = []
  const warnings: string[] = []
  const log = { debug() {}, info() {}, warn: (line: unknown) => void warnings.push(String(line)), error() {} }
  const parts = {
    ...{ application: 'app', plan, broker, sinks, environment, clock, log, tally: new Tally(clock), standbys, widths },
    traces: { opened: () => void events.push('opened') },
    reader: {
      seek: ({ topic }: TopicPartition, offset: number, id: string) => void events.push(['seek', topic, offset, id]),
    },
  }
  const known = new Map<string, Slot>()
  const open = (...ids: string[]) =>
    openTasks(wantedOf(plan, ids), known, membership, parts as unknown as WorkerParts, () => false)
  return { ...{ environment, events, kafka, ledger, held, widths, sinks, warnings, known, open, parts } }
}

describe('tasks that are opened', () => {
  it('are taken over in Kafka before they are restored, and read from what is committed', async () => {
    const { open, events, known, ledger } = await scene()
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
    const { environment } = await scene()
    expect(inputsOf(wantedOf(plan, ['0_1']), environment)).toEqual([{ topic: 'in', partition: 1 }])
  })

  it('begin where a log does as long as nothing is committed, and are not said to have committed that', async () => {
    const { open, kafka, events } = await scene()
    kafka.starts = [startAt('in', undefined, ''), startAt('other', 0)]
    const { slots } = await open('0_0')
    expect(events).toContainEqual(['seek', 'in', 3, 'id of in'])
    expect(events).toContainEqual(['seek', 'other', 0, 'id of other'])
    expect(slots.get('0_0')?.sealed.get('in')).toEqual({ offset: undefined, metadata: '' })
  })

  it('are said to be read anew where their topic was made again, a line each', async () => {
    const { open, kafka, warnings } = await scene()
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

  it('of a partition that the ledger says nothing of are refused', async () => {
    const { open, kafka } = await scene()
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
    const { open, sinks, events } = await scene()
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
    const { open, sinks, events, ledger } = await scene()
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
    const { open, kafka, events } = await scene()
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
    const { open, kafka } = await scene()
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
    const { open, widths } = await scene()
    const first = (await open('0_0')).slots.get('0_0')!
    widths.counts = new Map(widths.counts)
    const next = (await open('0_0')).slots.get('0_0')!
    expect(next).not.toBe(first)
    expect(next.widths).toBe(widths.counts)
  })

  it('is given up where another worker of this machine has its copies on disk, a standby’s too', async () => {
    const { open, environment, held } = await scene()
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
    const { open, kafka, events, held, known, ledger } = await scene()
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

  it('once all is restored keeps it as what is known, and not for standbys', async () => {
    const { open, ledger, held, known } = await scene()
    ledger.prove = () => Promise.reject(away)
    await expect(open('0_0')).rejects.toBe(away)
    expect([held.size, [...known.keys()]]).toEqual([0, ['0_0']])
  })
})

test('tasks are overtaken of which another offset, or another’s commit, is in Kafka', async () => {
  const { open, kafka } = await scene()
  kafka.starts = [startAt('in', 5), startAt('other', 7), startAt('in', 2, 'w-1', 1)]
  const slots = [...(await open('0_0', '0_1')).slots.values()]
  expect(overtaken(slots, kafka.starts)).toEqual([])
  expect(overtaken(slots, [startAt('in', 5), startAt('other', 8), startAt('in', 2, 'w-1', 1)])).toEqual(['0_0'])
  expect(overtaken(slots, [startAt('in', 5), startAt('other', 7), startAt('in', 2, 'w-2', 1)])).toEqual(['0_1'])
  expect(() => overtaken(slots, [startAt('in', 5)])).toThrow('the offset of other/0')
})
