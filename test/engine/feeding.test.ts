import type { Batch, PartitionEnd } from '../../src/connectors/source'
import type { IdleClock } from '../../src/engine/task/idle-clock'
import type { Input } from '../../src/engine/task/input'
import type { Task } from '../../src/engine/task/task'
import type { CommitTraces } from '../../src/engine/worker/commit-traces'
import { Feeding } from '../../src/engine/worker/loop/feeding'
import { InputWaiting } from '../../src/engine/worker/loop/input-waiting'
import { TaskClocks } from '../../src/engine/worker/loop/task-clocks'
import type { Slot } from '../../src/engine/worker/open-tasks'

const batchOf = (bytes: number) => ({ bytes }) as Batch

/** Inputs with nothing in hand, and what the reader has for each. */
function scene(...waiting: number[][]) {
  const inputs = waiting.map(batches => {
    const input = {
      ...{ queued: 0, fed: [] as Batch[], isCaughtUp: undefined as boolean | undefined, batches: batches.map(batchOf) },
      feed: (batch: Batch) => {
        input.fed.push(batch)
        input.queued++
      },
      noteCaughtUp: (isIt: boolean) => {
        input.isCaughtUp = isIt
      },
    }
    return input
  })
  type Fake = (typeof inputs)[number]
  const reader = {
    take: (input: unknown) => (input as Fake).batches.shift(),
    peek: (input: unknown) => (input as Fake).batches[0],
  }
  const traced: Batch[] = []
  const isOver = (input: unknown) => (input as Fake).fed.length === 0
  const traces = { fed: (batch: Batch) => void traced.push(batch) } as Partial<CommitTraces> as CommitTraces
  const feeding = new Feeding(reader as never, { isOver }, traces)
  return { inputs, traced, feeding, task: { inputs } as unknown as Task }
}

describe('a task is fed', () => {
  it('one batch ahead for each input, until one is used up, and says how many bytes', () => {
    const { inputs, traced, feeding, task } = scene([10, 20], [400], [])
    expect(feeding.feed(task)).toBe(410)
    expect(inputs.map(({ fed }) => fed.length)).toEqual([1, 1, 0])
    expect(traced.map(({ bytes }) => bytes)).toEqual([10, 400])
    expect(feeding.feed(task)).toBe(0)
    inputs[0]!.queued = 0
    expect(feeding.feed(task)).toBe(20)
  })

  it('and told of each of several inputs whether it was waited for long enough; a single one is waited for by none', () => {
    const several = scene([10], [])
    several.feeding.feed(several.task)
    expect(several.inputs.map(({ isCaughtUp }) => isCaughtUp)).toEqual([false, true])
    const single = scene([])
    single.feeding.feed(single.task)
    expect(single.inputs[0]!.isCaughtUp).toBeUndefined()
  })

  it('more as long as something is in hand, or the reader has something, for any of its inputs', () => {
    const { inputs, feeding, task } = scene([], [10])
    expect(feeding.hasMore(task)).toBe(true)
    feeding.feed(task)
    expect(feeding.hasMore(task)).toBe(true)
    inputs[1]!.queued = 0
    expect(feeding.hasMore(task)).toBe(false)
  })
})

const endAt = (endOffset: number, highWatermark = endOffset): PartitionEnd => ({
  endOffset,
  highWatermark,
  seenAtMs: 0,
})
const input = (position: number) => ({ position }) as Input

describe('an empty input is waited for', () => {
  function waiting(maxTaskIdleMs: number) {
    const time = { ms: 0, end: undefined as PartitionEnd | undefined, next: undefined as Batch | undefined }
    const reader = { end: () => time.end, peek: () => time.next }
    return { time, waiting: new InputWaiting(reader, { now: () => 0, monotonic: () => time.ms }, maxTaskIdleMs) }
  }

  it('not at all where that is 0; but where it ends has to be known, and it has to be there', () => {
    const { time, waiting: it } = waiting(0)
    expect(it.isOver(input(5))).toBe(false)
    time.end = endAt(6)
    expect(it.isOver(input(5))).toBe(false)
    time.end = endAt(5)
    expect(it.isOver(input(5))).toBe(true)
    expect(it.isOver(input(6))).toBe(true)
    time.next = batchOf(1)
    expect(it.isOver(input(5))).toBe(false)
  })

  it('each from when it was found empty', () => {
    const { time, waiting: it } = waiting(100)
    time.end = endAt(5)
    const [first, second] = [input(5), input(5)]
    it.isOver(first)
    time.ms = 60
    expect([it.isOver(first), it.isOver(second)]).toEqual([false, false])
    time.ms = 100
    expect([it.isOver(first), it.isOver(second)]).toEqual([true, false])
    time.ms = 160
    expect(it.isOver(second)).toBe(true)
  })
})

describe('what moves tasks without a record', () => {
  function clocksOf(inputs: readonly Input[]) {
    const time = { ms: 1_000, wallMs: 0, next: undefined as Batch | undefined }
    const ends = new Map<Input, PartitionEnd>()
    const reader = { end: (of: unknown) => ends.get(of as Input), peek: () => time.next }
    const clocks = new TaskClocks(
      reader,
      { now: () => time.wallMs, monotonic: () => time.ms },
      { look: () => undefined },
    )
    const events: unknown[] = []
    const idle = { looks: [] as unknown[], time: undefined as number | undefined }
    const slot = {
      task: {
        inputs,
        time: {
          nextWallClock: undefined as number | undefined,
          punctuateWallClock: () => void events.push('punctuated'),
          advance: (to: number) => void events.push(to),
        },
      },
      idle: {
        look: (view: Parameters<IdleClock['look']>[0]) => {
          idle.looks.push([view.nowMs, view.endsOf(inputs)?.length])
          return idle.time
        },
      },
    }
    return { time, ends, clocks, events, idle, slot, look: () => clocks.look([slot as unknown as Slot]) }
  }

  it('is looked at every 50 ms', () => {
    const { time, idle, look } = clocksOf([])
    for (const ms of [1_000, 1_049, 1_050, 1_099, 1_100]) {
      time.ms = ms
      look()
    }
    expect(idle.looks).toEqual([
      [1_000, 0],
      [1_050, 0],
      [1_100, 0],
    ])
  })

  it('are punctuators of the wall clock, when they are due', () => {
    const { time, slot, events, look } = clocksOf([])
    look()
    slot.task.time.nextWallClock = 70
    time.wallMs = 69
    time.ms = 1_050
    look()
    expect(events).toEqual([])
    time.wallMs = 70
    time.ms = 1_100
    look()
    expect(events).toEqual(['punctuated'])
  })

  it('is the idle clock, where there is one, by the time that it says, if any', () => {
    const { time, idle, events, look, clocks, slot } = clocksOf([])
    look()
    expect(events).toEqual([])
    idle.time = 0
    time.ms = 1_050
    look()
    expect(events).toEqual([0])
    time.ms = 1_100
    clocks.look([{ ...slot, idle: undefined } as unknown as Slot])
    expect(events).toEqual([0])
  })

  it('counts as silence only where each input was read to its end, open transactions among it', () => {
    const [first, second] = [input(5), input(9)]
    const { time, ends, idle, look } = clocksOf([first, second])
    const next = () => {
      time.ms += 50
      look()
      return (idle.looks.at(-1) as unknown[])[1]
    }
    ends.set(first, endAt(5))
    expect(next()).toBeUndefined()
    ends.set(second, endAt(9, 10))
    expect(next()).toBeUndefined()
    ends.set(second, endAt(9))
    expect(next()).toBe(2)
    time.next = batchOf(1)
    expect(next()).toBeUndefined()
  })
})
