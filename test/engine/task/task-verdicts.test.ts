import { json, text, topology, tumbling } from '../../../src'
import { memory } from '../../../src/connectors/memory/memory-target'
import type { Verdicts } from '../../../src/engine/task/verdicts'
import { ContentError } from '../../../src/errors'
import type { KeyValueStore } from '../../../src/state/key-value-store'
import { LoneTask, written } from './lone-task'

const serdes = { key: text, value: json<any>() }
const refused = (words: string) => new ContentError(words)
const verdicts = (said: Partial<Verdicts>): Verdicts => ({
  ...{ refusalOf: () => undefined, refusedOutput: () => undefined, leftOut: {} },
  ...said,
})
const refuse = (...offsets: number[]) =>
  verdicts({ refusalOf: ({ offset }) => (offsets.includes(offset) ? refused(`offset ${offset}`) : undefined) })

const rows = memory<string, number>({ name: 'rows', retains: ({ key }) => key })
const others = memory<string, number>({ name: 'others', guarantee: 'at_least_once' })
const copying = topology('copying', s => {
  const read = s.stream('in', serdes)
  read.to(rows)
  read.to(others)
})
const summing = topology('app', s =>
  s
    .stream('in', serdes)
    .groupByKey()
    .reduce({ name: 'sums', reducer: (a, b) => a + b })
    .toStream()
    .to('out', serdes),
)
const values = (...all: unknown[]) => all.map((value, i) => ({ value, timestamp: 10 * (i + 1), key: `k${i}` }))
const sums = ({ task }: LoneTask) =>
  Object.fromEntries([...(task.stores.get('sums') as KeyValueStore).all()].map(each => [each.key, each.value.value]))
const letters = (lone: LoneTask) =>
  written(lone.task.checkpoint().outputs).filter(line => line.startsWith('in_dead_letters'))
const chunks = (lone: LoneTask) =>
  lone.task
    .takeChunks()
    .map(({ target, chunk }) => [target.name, (chunk as any).rows.map((row: any) => row.record.value)])

describe('a record that an end has refused', () => {
  test('becomes a dead letter, is not processed, and is the last of its commit where an end keeps positions', async () => {
    const lone = await LoneTask.of(copying)
    lone.task.judgeBy(refuse(1))
    lone.feed('in', ...values(1, 2, 3, 4))
    expect(lone.run()).toBe(2)
    expect(lone.run()).toBe(0)
    expect(lone.task.share).toMatchObject({ records: 2, letters: 1, last: { topic: 'in', partition: 0, offset: 1 } })
    expect(chunks(lone)).toEqual([
      ['rows', [1]],
      ['others', [1]],
    ])
    const { offsets, positions, outputs } = lone.task.checkpoint()
    expect(offsets).toEqual([{ topic: 'in', partition: 0, offset: 2, metadata: 'worker-1 held 1' }])
    expect(positions.map(({ kind, next }) => [kind, next])).toEqual([
      ['memory', 1],
      ['memory at once', 1],
    ])
    expect(written(outputs)[0]).toBe('in_dead_letters/0 k1 2')
    expect(lone.run()).toBe(2)
    expect(lone.task.share.last?.offset).toBe(3)
    expect(lone.task.checkpoint().offsets[0]?.metadata).toBe('worker-2')
  })

  test('lets the task go on where no end was written to directly', async () => {
    const lone = await LoneTask.of(summing)
    lone.task.judgeBy(refuse(1))
    expect(lone.feed('in', ...values(1, 2, 3)).run()).toBe(3)
    expect(sums(lone)).toEqual({ k0: 1, k2: 3 })
    expect(lone.task.share.last?.offset).toBe(2)
    expect(letters(lone)).toEqual(['in_dead_letters/0 k1 2'])
  })

  test('stops the task in front of it where the policy says so', async () => {
    const failing = topology('app', s => s.stream('in', { ...serdes, onBadRecord: 'fail' }).to('out', serdes))
    const lone = await LoneTask.of(failing)
    lone.task.judgeBy(refuse(1))
    lone.feed('in', ...values(1, 2))
    expect(() => lone.run()).toThrow('in/0 offset 1, step in: offset 1')
    expect(lone.task.input('in')?.position).toBe(1)
  })

  test('is processed again after a rollback, until it is refused again', async () => {
    const lone = await LoneTask.of(copying)
    lone.task.judgeBy(refuse(0))
    lone.feed('in', ...values(1, 2)).run()
    lone.task.rollback(() => 0)
    expect(lone.again('in', 0).run()).toBe(2)
    expect(letters(lone)).toEqual([])
  })

  test('is not the last of the next commit, when nothing is known any more', async () => {
    const lone = await LoneTask.of(summing)
    lone.task.judgeBy(refuse(1))
    lone.feed('in', ...values(1, 2)).run()
    lone.task.checkpoint()
    lone.task.judgeBy(undefined)
    lone.feed('in', ...values(3)).run()
    expect(lone.task.share.last?.offset).toBe(2)
  })

  test('does so for what a changelog refuses, with all that it has changed undone', async () => {
    const lone = await LoneTask.of(summing)
    const refusedOutput: Verdicts['refusedOutput'] = (topic, { value }) =>
      topic === 'app-sums-changelog' && String(value).includes('13') ? refused('unlucky') : undefined
    lone.task.judgeBy(verdicts({ refusedOutput }))
    lone.feed('in', ...values(1, 13, 3)).run()
    expect(sums(lone)).toEqual({ k0: 1, k2: 3 })
    const outputs = written(lone.task.checkpoint().outputs)
    expect(outputs.filter(line => /^(out|in_)/.test(line))).toEqual([
      'out/0 k0 1',
      'out/0 k2 3',
      'in_dead_letters/0 k1 13',
    ])
  })
})

describe('retained values of an end that has lost them', () => {
  test('are written again, the last of each address, and counted for the commit', async () => {
    const lone = await LoneTask.of(copying)
    lone.feed('in', { key: 'a', value: 1 }, { key: 'b', value: 2 }, { key: 'a', value: 3 }).run()
    lone.task.checkpoint()
    lone.task.writeRetained('other kind')
    expect(lone.task.share.retained).toBe(0)
    lone.task.writeRetained('memory')
    expect(lone.task.share.retained).toBe(2)
    lone.task.writeRetained('memory')
    expect(lone.task.share.retained).toBe(4)
    expect(chunks(lone)).toEqual([['rows', [3, 2, 3, 2]]])
    lone.task.checkpoint()
    expect(lone.task.share.retained).toBe(0)
  })

  test('are left out where the end has refused their records, or all of them', async () => {
    const lone = await LoneTask.of(copying)
    lone.feed('in', { key: 'a', value: 1 }, { key: 'b', value: 2 }).run()
    lone.task.checkpoint()
    lone.task.judgeBy(refuse(0))
    lone.task.writeRetained('memory')
    expect(chunks(lone)).toEqual([['rows', [2]]])
    lone.task.judgeBy(verdicts({ leftOut: { retained: refused('too many') } }))
    lone.task.writeRetained('memory')
    expect([lone.task.share.retained, chunks(lone)]).toEqual([1, []])
    expect(lone.task.share.dropped.map(({ line }) => line)).toEqual([expect.stringContaining('too many')])
    // Said once, and no longer than for this commit.
    lone.task.checkpoint()
    lone.task.writeRetained('memory')
    expect(lone.task.share.retained).toBe(2)
  })
})

test('what a former run has written to an end is not written there again', async () => {
  const lone = await LoneTask.of(copying)
  lone.task.skipBelow('memory', 'in', 2)
  lone.feed('in', ...values(1, 2, 3)).run()
  expect(chunks(lone)).toEqual([
    ['rows', [3]],
    ['others', [1, 2, 3]],
  ])
  const { positions } = lone.task.checkpoint()
  expect(positions.map(({ next }) => next)).toEqual([3, 3])
})

describe('results that no single record has caused', () => {
  const closing = topology('app', s =>
    s
      .stream('in', serdes)
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
      .count({ name: 'counts' })
      .toStream()
      .map((count, { key }) => {
        if (key === 'bad') throw new Error('no such key')
        return [key, count]
      })
      .to('out', serdes),
  )
  const closed = async (said?: Verdicts) => {
    const lone = await LoneTask.of(closing)
    lone.task.judgeBy(said)
    lone.feed('in', { key: 'a', value: 1, timestamp: 5 }, { key: 'bad', value: 1, timestamp: 6 })
    lone.feed('in', { key: 'c', value: 1, timestamp: 7 }, { key: 'd', value: 1, timestamp: 25 }).run()
    return lone
  }

  test('fail alone, and are counted', async () => {
    const lone = await closed()
    expect(lone.task.share).toMatchObject({ records: 4, results: 3, letters: 1 })
    const outputs = written(lone.task.checkpoint().outputs)
    expect(outputs.filter(line => /^(out|in_)/.test(line))).toEqual([
      'out/0 a 1',
      'out/0 c 1',
      'in_dead_letters/0 "bad" 1',
    ])
    expect(lone.task.share.results).toBe(0)
  })

  test('become dead letters where an end has refused them all', async () => {
    const lone = await closed(verdicts({ leftOut: { results: refused('none of them') } }))
    expect(lone.task.share).toMatchObject({ results: 3, letters: 3 })
    const outputs = written(lone.task.checkpoint().outputs)
    expect(outputs.filter(line => line.startsWith('out'))).toEqual([])
  })
})
