import type { PartitionEnd, TopicPartition } from '../../../src/connectors/source'
import { IdleClock, idleClockOf } from '../../../src/engine/task/idle-clock'
import type { Look } from '../../../src/engine/task/looks'
import type { Task } from '../../../src/engine/task/task'
import type { TimeReport } from '../../../src/engine/task/time-report'

/** A task of one input, `in`, in the middle of its work. */
function taskOf() {
  const topics: { upstream: { topic: string; width: number }; isOn: boolean; times: Map<number, TimeReport> }[] = []
  const passed: unknown[] = []
  return {
    streamTime: 1_000,
    processed: 1,
    inputs: [{ topic: 'in', partition: 0 }],
    passed,
    plan: { idleMs: undefined as number | undefined, upstreams: [] as object[] },
    time: {
      nextAdvance: 0 as number | undefined,
      pass: (silent: readonly unknown[]) => void passed.push(...silent),
      upstream: { topics, isOn: (topic: string) => topics.some(each => each.upstream.topic === topic && each.isOn) },
    },
  }
}

interface Seen {
  /** When each end was seen; undefined where something is left to read. */
  readonly ends?: readonly number[] | undefined
  /** When looks began, where they aren't as fresh as the ends. */
  readonly lookMs?: number
  readonly provenSinceMs?: number
  /** Offsets of the looks at the topics that are not as they are by default: nothing left. */
  readonly looks?: Readonly<Record<string, Partial<Look> | undefined>>
}

const end = (seenAtMs: number): PartitionEnd => ({ endOffset: 5, highWatermark: 5, seenAtMs })

/** Looks with a clock of a task whose upstream reads `read`; 100 ms of silence move it. */
function scene(
  { idleMs, read = [] }: { readonly idleMs?: number; readonly read?: readonly TopicPartition[] } = { idleMs: 100 },
) {
  const task = taskOf()
  const clock = new IdleClock(task as unknown as Task, idleMs, () => read)
  const asked: string[] = []
  let endsAsked = 0
  const look = (nowMs: number, seen: Seen = {}) => {
    const { lookMs = nowMs, provenSinceMs = -1_000, looks = {} } = seen
    const ends = 'ends' in seen ? seen.ends?.map(end) : [end(nowMs)]
    return clock.look({
      nowMs,
      endsOf: () => {
        endsAsked++
        return ends
      },
      looks: {
        look: ({ topic, partition }) => {
          asked.push(`${topic}/${partition}`)
          const own = topic in looks ? looks[topic] : {}
          return own && { highWatermark: 7, committed: 7, seenAtMs: lookMs, provenSinceMs, ...own }
        },
      },
    })
  }
  return { task, look, asked, endsAsked: () => endsAsked }
}

/** What the looks at these times give, all of them at silent ends. */
const at = (look: (nowMs: number) => number | undefined, ...times: number[]) => times.map(each => look(each))

describe('a task whose inputs are silent', () => {
  it('moves on by the silence since its last record, once that is long enough, in whole ms', () => {
    const { look } = scene()
    expect(at(look, 0, 10, 109, 110, 150.9)).toEqual([undefined, undefined, undefined, 1_100, 1_140])
  })

  it('moves on only where that has an effect, and beyond its own time', () => {
    const { task, look } = scene()
    task.time.nextAdvance = 1_150
    expect(at(look, 0, 10, 159, 160)).toEqual([undefined, undefined, undefined, 1_150])
    task.streamTime = 1_150
    expect(at(look, 160, 161)).toEqual([undefined, 1_151])
  })

  it('does not look at the ends, nor count, while nothing is open', () => {
    const { task, look, endsAsked } = scene()
    task.time.nextAdvance = undefined
    expect(at(look, 0, 10, 210)).toEqual([undefined, undefined, undefined])
    expect(endsAsked()).toBe(0)
    task.time.nextAdvance = 0
    expect(at(look, 220, 319, 320)).toEqual([undefined, undefined, 1_100])
  })

  it('does not move without idleMs, or before its first record', () => {
    const without = scene({})
    expect(at(without.look, 0, 10, 100_000)).toEqual([undefined, undefined, undefined])
    expect(without.endsAsked()).toBe(0)
    const before = scene()
    before.task.streamTime = -1
    expect(at(before.look, 0, 10, 310)).toEqual([undefined, undefined, undefined])
    const first = scene()
    first.task.streamTime = 0
    expect(at(first.look, 0, 10, 310)).toEqual([undefined, undefined, 300])
  })

  it('moves on from the time that its state had, where it has taken it over', () => {
    const { task, look } = scene()
    task.processed = 0
    expect(at(look, 0, 10, 110)).toEqual([undefined, undefined, 1_100])
  })

  it('begins to count anew with each record, from the time that it has then', () => {
    const { task, look } = scene()
    expect(at(look, 0, 10, 90)).toEqual([undefined, undefined, undefined])
    task.processed++
    task.streamTime = 2_000
    expect(at(look, 110, 120, 219, 220)).toEqual([undefined, undefined, undefined, 2_100])
  })
})

describe('silence counts between two looks', () => {
  it('that are no more than 2.5 s apart', () => {
    expect(at(scene().look, 0, 10, 2_510)).toEqual([undefined, undefined, 3_500])
    expect(at(scene().look, 0, 10, 2_511, 2_610, 2_611)).toEqual([undefined, undefined, undefined, undefined, 1_100])
  })

  it('with nothing left to read in between: what was counted before stays', () => {
    for (const interruption of [{ ends: undefined }, { ends: [] }, { looks: { in: undefined } }]) {
      const { look } = scene()
      at(look, 0, 10, 70)
      look(80, interruption)
      expect(at(look, 200, 239, 240)).toEqual([undefined, undefined, 1_100])
    }
  })

  it('as of the oldest of the ends and of the look at the cluster', () => {
    for (const late of [{ ends: [110, 109] }, { ends: [109, 110] }, { lookMs: 109 }]) {
      const { look } = scene()
      at(look, 0, 10)
      expect(look(110, late)).toBeUndefined()
      expect(look(111, { ends: [110] })).toBe(1_100)
    }
  })

  it('once, whatever is seen late', () => {
    const { look } = scene()
    at(look, 0, 10, 60)
    expect([look(70, { ends: [60] }), look(80, { ends: [40] }), look(109)]).toEqual([undefined, undefined, undefined])
    expect(look(110)).toBe(1_100)
  })

  it('and what did not count is not taken off where an older look comes late', () => {
    const { look } = scene()
    at(look, 0, 10, 2_600)
    expect(look(2_610, { ends: [40] })).toBeUndefined()
    expect(at(look, 2_699, 2_700)).toEqual([undefined, 1_100])
  })

  it('all of which the proof of the later one is about', () => {
    const { look } = scene()
    at(look, 0, 10)
    expect(look(110, { provenSinceMs: 11 })).toBeUndefined()
    expect(look(210, { provenSinceMs: 110 })).toBe(1_100)
  })
})

describe('what was read upstream', () => {
  const read = [
    { topic: 'far', partition: 0 },
    { topic: 'far', partition: 1 },
  ]

  it('has to be processed, and the inputs only to take records', () => {
    const { look, asked } = scene({ idleMs: 100, read })
    const left = { looks: { far: { committed: 6 } } }
    look(0)
    expect([look(10, left), look(110, left)]).toEqual([undefined, undefined])
    const own = { looks: { in: { committed: 6 } } }
    expect([look(120, own), look(220, own)]).toEqual([undefined, 1_100])
    expect([...new Set(asked)]).toEqual(['in/0', 'far/0', 'far/1'])
  })

  it('counts as of its oldest look, with the youngest proof', () => {
    const { look } = scene({ idleMs: 100, read })
    at(look, 0, 10)
    expect(look(110, { looks: { far: { seenAtMs: 109 } } })).toBeUndefined()
    expect(look(111, { looks: { in: { provenSinceMs: 110 } } })).toBeUndefined()
    expect(look(112, { looks: { far: { provenSinceMs: 111 } } })).toBe(1_100)
  })
})

describe('silence upstream of an internal topic', () => {
  function holding(idleMs?: number) {
    const all = scene(idleMs === undefined ? {} : { idleMs })
    const report = { time: 5, quiet: Number.POSITIVE_INFINITY, at: { source: 7 } }
    all.task.time.upstream.topics.push({
      upstream: { topic: 'inner', width: 1 },
      isOn: true,
      times: new Map([[0, report]]),
    })
    return all
  }

  it('is passed after idleMs, or after 5 s where no source says how long', () => {
    for (const [idleMs, silenceMs] of [
      [undefined, 5_000],
      [2_000, 2_000],
    ] as const) {
      const { task, look } = holding(idleMs)
      at(look, 0, silenceMs - 1)
      expect(task.passed).toEqual([])
      look(silenceMs)
      expect(task.passed).toEqual([{ topic: 'inner', partition: 0, timeMs: 1_000 }])
    }
  })

  it('alone makes a clock, as idleMs does', () => {
    const task = taskOf()
    const clock = () => idleClockOf(task as unknown as Task, () => 1)
    expect(clock()).toBeUndefined()
    task.plan.idleMs = 0
    expect(clock()).toBeInstanceOf(IdleClock)
    task.plan.idleMs = undefined
    task.time.upstream.topics.push({ upstream: { topic: 'inner', width: 2 }, isOn: true, times: new Map() })
    expect(clock()).toBeInstanceOf(IdleClock)
  })

  it('is that of all partitions that those upstream read, save of topics for misplaced records before the first one', () => {
    const task = taskOf()
    task.plan.idleMs = 100
    task.plan.upstreams = [
      { topic: 'inner', misplaced: false, sources: ['a'], reads: ['a', 'b'] },
      { topic: 'rare', misplaced: true, sources: ['c'], reads: ['c'] },
    ]
    const clock = idleClockOf(task as unknown as Task, topic => (topic === 'b' ? 2 : 1))!
    const asked = () => {
      const seen: string[] = []
      const look = ({ topic, partition }: TopicPartition) => void seen.push(`${topic}/${partition}`)
      clock.look({ nowMs: 0, endsOf: () => [end(0)], looks: { look } as never })
      return seen
    }
    asked()
    expect(asked()).toEqual(['in/0', 'a/0', 'b/0', 'b/1'])
    task.time.upstream.topics.push({ upstream: { topic: 'rare', width: 2 }, isOn: true, times: new Map() })
    expect(asked()).toEqual(['in/0', 'a/0', 'b/0', 'b/1', 'c/0'])
  })
})
