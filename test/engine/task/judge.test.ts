import type { OutputRecord } from '../../../src/connectors/ledger'
import type { GraphNode } from '../../../src/dsl/graph'
import type { Blame } from '../../../src/engine/plan/blame'
import { Judge } from '../../../src/engine/task/judge'
import { UnknownTopic } from '../../../src/engine/task/output-topics'
import type { TaskEnvironment } from '../../../src/engine/task/task-environment'
import type { TaskState } from '../../../src/engine/task/task-state'
import type { TopicOutputs } from '../../../src/engine/task/topic-outputs'
import type { LeftOut, Verdicts } from '../../../src/engine/task/verdicts'
import { ContentError, DecodeError, type Position, ProcessError, TopologyError } from '../../../src/errors'
import { DamagedCopyError } from '../../../src/state/disk/local-copy'
import { batchOf, inputOf } from './given-inputs'

const node = { id: 4, name: 'sum' } as GraphNode
const error = new ProcessError('too large')
const refusal = new ContentError('not here')

interface Given {
  readonly policy?: Blame['policy']
  readonly topic?: string | undefined
  readonly partitions?: number
  readonly letterBytes?: number
}

/** A judge of partition 3, and what it writes and tells. */
function judgeOf({ policy = 'deadLetter', topic, partitions = 4, letterBytes = 10_000 }: Given = {}) {
  const letters: { readonly topic: string; readonly partition: number; readonly record: OutputRecord }[] = []
  const told: unknown[] = []
  const judgedBy: unknown[] = []
  const environment: Partial<TaskEnvironment> = {
    application: 'app',
    blame: new Map([
      [4, { policy, topic }],
      [0, { policy, topic }],
    ]),
    partitionCount: () => partitions,
    maxDeadLetterBytes: () => letterBytes,
    onBadRecord: (...all) => void told.push(all),
  }
  const outputs: Pick<TopicOutputs, 'add' | 'judgeBy'> = {
    add: (to, partition, record) => void letters.push({ topic: to, partition, record }),
    judgeBy: verdicts => void judgedBy.push(verdicts),
  }
  const judge = new Judge('0_3', 3, environment as TaskEnvironment, outputs as TopicOutputs)
  const { input } = inputOf()
  Object.assign(input.node, { id: 0 })
  const record = (fault: unknown = error) =>
    judge.record(input, batchOf([{ offset: 6 }, { offset: 7, key: 'k' }]), 1, 'sum', fault)
  const result = (fault: unknown = error) => judge.result(node, 'sum', { key: 'k', value: 5 }, 90, fault)
  const stop = () => {
    try {
      judge.throwIfStopped()
      return undefined
    } catch (thrown) {
      return thrown
    }
  }
  return { judge, record, result, stop, letters, told, judgedBy }
}

const headersOf = ({ headers = {} }: OutputRecord) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

const verdictsOf = (leftOut: LeftOut = {}, over: Partial<Verdicts> = {}): Verdicts => ({
  refusalOf: () => undefined,
  refusedOutput: () => undefined,
  leftOut,
  ...over,
})

const at: Position = { topic: 't', partition: 3, offset: 7 }

describe('a bad record', () => {
  it('stops the task under the policy fail, as what it is, with its place and cause', () => {
    for (const [fault, kind] of [
      [error, ProcessError],
      [new DecodeError('too large'), DecodeError],
      [new Error('too large'), ProcessError],
    ] as const) {
      const { judge, record, stop, letters, told } = judgeOf({ policy: 'fail' })
      expect(stop()).toBeUndefined()
      record(fault)
      const message = 't/3 offset 7, step sum: too large'
      expect(stop()).toMatchObject({ constructor: kind, message, cause: fault, task: '0_3', position: at })
      expect([letters, told, judge.share]).toEqual([[], [], { letters: 0, dropped: [] }])
    }
  })

  it('says what was thrown, where that is no error', () => {
    const { record, stop } = judgeOf({ policy: 'fail' })
    record('no reason')
    expect(stop()).toMatchObject({ message: 't/3 offset 7, step sum: no reason' })
  })

  it('that is the first stops the task, whatever comes after it', () => {
    const { record, stop } = judgeOf({ policy: 'fail' })
    record(new Error('first'))
    record(new Error('second'))
    record(new TopologyError('third'))
    expect(stop()).toMatchObject({ message: expect.stringContaining('first') })
  })

  it('is told and passed over under the policy skip', () => {
    const { judge, record, stop, letters, told } = judgeOf({ policy: 'skip' })
    record()
    expect([told, letters, stop(), judge.share.letters]).toEqual([[['0_3', 'sum', at, error]], [], undefined, 0])
  })

  it("becomes a dead letter of its topic, in its partition, and of its source's where it comes through an internal one", () => {
    for (const [topic, to] of [
      [undefined, 't_dead_letters'],
      ['in', 'in_dead_letters'],
    ] as const) {
      const { judge, record, stop, letters, told } = judgeOf({ topic })
      record()
      expect(letters).toMatchObject([{ topic: to, partition: 3, record: { key: Buffer.from('k'), timestamp: 1_007 } }])
      expect(headersOf(letters[0]!.record)).toMatchObject({
        'weir.application': 'app',
        'weir.task': '0_3',
        'weir.step': 'sum',
        'weir.error.message': 'too large',
        'weir.origin.offset': '7',
      })
      expect([told, stop(), judge.share.letters]).toEqual([[['0_3', 'sum', at, error]], undefined, 1])
    }
  })

  it('goes to a partition that its dead letters have, where there are fewer', () => {
    const partitionOf = (partitions: number) => {
      const { record, letters } = judgeOf({ partitions })
      record()
      return letters[0]?.partition
    }
    expect([1, 2, 3, 4, 0].map(partitionOf)).toEqual([0, 1, 0, 3, 3])
  })
})

describe('an error that is about no single record', () => {
  it('stops the task whatever the policy, and nothing is put aside', () => {
    for (const matter of [new TopologyError('wrong'), new UnknownTopic('new'), new DamagedCopyError('damaged')]) {
      const { record, result, stop, letters, told } = judgeOf({ policy: 'skip' })
      expect(result(matter)).toBe(matter)
      expect(stop()).toBeUndefined()
      record(matter)
      expect([stop(), letters, told]).toEqual([matter, [], []])
    }
  })

  it('is a result that stops the task, too: the record in hand is not to blame', () => {
    const { record, result, stop } = judgeOf({ policy: 'fail' })
    const failed = result()
    record(failed)
    expect(stop()).toBe(failed)
  })
})

describe('a result that failed', () => {
  it('is what the task stops with under the policy fail', () => {
    const { judge, result, letters, told } = judgeOf({ policy: 'fail' })
    const message = 'task 0_3, step sum: a result failed: too large'
    expect(result()).toMatchObject({ message, cause: error, task: '0_3' })
    expect([letters, told, judge.share.letters]).toEqual([[], [], 0])
  })

  it('is told without an offset, and passed over under the policy skip', () => {
    const { result, letters, told } = judgeOf({ policy: 'skip', topic: 'in' })
    expect(result()).toBeUndefined()
    expect([letters, told]).toEqual([[], [['0_3', 'sum', { topic: 'in', partition: 3, offset: -1 }, error]]])
  })

  it('becomes a dead letter of the topic that it came of, with its time', () => {
    const { judge, result, letters, told } = judgeOf({ topic: 'in' })
    expect(result()).toBeUndefined()
    expect(letters).toMatchObject([
      {
        ...{ topic: 'in_dead_letters', partition: 3 },
        record: { key: Buffer.from('"k"'), value: Buffer.from('5'), timestamp: 90 },
      },
    ])
    expect([judge.share.letters, told.length]).toEqual([1, 1])
  })
})

describe('a dead letter', () => {
  it('is as large as its topic takes', () => {
    const sizes = [100, 10_000].map(letterBytes => {
      const { record, letters } = judgeOf({ letterBytes })
      record()
      return letters[0]!.record.value!.length
    })
    expect(sizes).toEqual([0, 2])
  })

  it('that was refused itself is dropped and said, and is no letter', () => {
    for (const verdicts of [
      verdictsOf({ letters: refusal }),
      verdictsOf(
        {},
        { refusedOutput: (topic, { key }) => (topic === 't_dead_letters' && `${key}` === 'k' ? refusal : undefined) },
      ),
    ]) {
      const { judge, record, letters } = judgeOf()
      judge.judgeBy(verdicts)
      record()
      const line = expect.stringContaining('t/3 offset 7, step sum, was refused too, and is dropped: not here')
      expect([letters, judge.share]).toEqual([[], { letters: 0, dropped: [{ topic: 't_dead_letters', line }] }])
    }
  })
})

describe('verdicts', () => {
  it('are asked, and handed to what is written, for as long as there are any', () => {
    const { judge, judgedBy } = judgeOf()
    expect([judge.hasVerdicts, judge.refusalOf(at), judge.refusedResults]).toEqual([false, undefined, undefined])
    const verdicts = verdictsOf(
      { results: refusal },
      { refusalOf: ({ offset }) => (offset === 7 ? refusal : undefined) },
    )
    judge.judgeBy(verdicts)
    expect([judge.hasVerdicts, judge.refusalOf(at), judge.refusedResults]).toEqual([true, refusal, refusal])
    expect(judge.refusalOf({ ...at, offset: 8 })).toBeUndefined()
    judge.judgeBy(undefined)
    expect([judge.hasVerdicts, judge.refusalOf(at), judge.refusedResults]).toEqual([false, undefined, undefined])
    expect(judgedBy).toEqual([verdicts, undefined])
  })

  it('of a changelog are about the record in hand, at the step that makes its entry', () => {
    const { judge } = judgeOf()
    const entry = { key: Buffer.from('k'), value: null }
    const state: Pick<TaskState, 'refusedChange'> = { refusedChange: refusalOf => refusalOf('changelog', entry) }
    const ask = () => judge.refusedChange(node, state as TaskState)
    expect(ask()).toBeUndefined()
    judge.judgeBy(verdictsOf())
    expect(ask()).toBeUndefined()
    const refused: unknown[] = []
    judge.judgeBy(verdictsOf({}, { refusedOutput: (...all) => (refused.push(all) > 0 ? refusal : undefined) }))
    expect([ask(), refused]).toEqual([{ node, error: refusal }, [['changelog', entry]]])
  })

  it('that are about no single record end with their commit, the others go on', () => {
    const { judge, record, letters } = judgeOf()
    const refusalOf = () => refusal
    judge.judgeBy(verdictsOf({ results: refusal, letters: refusal, retained: refusal }, { refusalOf }))
    record()
    expect(judge.leavesOutRetained(at)).toBe(true)
    expect(judge.share.dropped).toHaveLength(2)
    judge.startShare()
    expect([judge.share, judge.refusedResults]).toEqual([{ letters: 0, dropped: [] }, undefined])
    record()
    expect([letters.length, judge.share.letters, judge.refusalOf(at)]).toEqual([1, 1, refusal])
    judge.startShare()
    expect(judge.share.letters).toBe(0)
  })

  it('and what has stopped the task are forgotten when it is rolled back', () => {
    const { judge, record, stop, judgedBy } = judgeOf({ policy: 'fail' })
    judge.judgeBy(verdictsOf())
    record()
    judge.rollback()
    expect([stop(), judge.hasVerdicts, judgedBy.at(-1)]).toEqual([undefined, false, undefined])
  })
})

describe('a retained value', () => {
  it('is left out where the record that it came of was refused, and nothing is said', () => {
    const { judge } = judgeOf()
    expect(judge.leavesOutRetained(at)).toBe(false)
    judge.judgeBy(verdictsOf({}, { refusalOf: ({ offset }) => (offset === 7 ? refusal : undefined) }))
    expect([7, 8].map(offset => judge.leavesOutRetained({ ...at, offset }))).toEqual([true, false])
    expect(judge.share.dropped).toEqual([])
  })

  it('is left out with all others where an end has refused one of them, which is said once', () => {
    const { judge, record } = judgeOf()
    judge.judgeBy(verdictsOf({ retained: refusal, letters: refusal }))
    record()
    expect([7, 8, 9].map(offset => judge.leavesOutRetained({ ...at, offset }))).toEqual([true, true, true])
    expect(judge.share.dropped.map(({ topic }) => topic)).toEqual(['t_dead_letters', undefined])
    expect(judge.share.dropped[1]?.line).toContain('not here')
  })
})
