import { json, text, topology } from '../../../src'
import { noLimits } from '../../../src/engine/task/output-topics'
import { TaskState } from '../../../src/engine/task/task-state'
import { TopicOutputs } from '../../../src/engine/task/topic-outputs'
import { ContentError } from '../../../src/errors'
import type { KeyValueStore } from '../../../src/state/key-value-store'
import { stateText } from '../../../src/state/state-codec'
import type { LoggedChange } from '../../../src/state/store'
import { batchOf } from '../../../src/testing/memory-kafka'
import { partsOf, written } from './lone-task'

const serdes = { key: text, value: json<any>() }
const changelog = (store: string) => `app-${store}-changelog`
const times = changelog('times')

/** A store of counts, one that is on no changelog, and two tables that are restored from their source topics. */
const job = topology('app', s => {
  const rows = s.table('rows', { ...serdes, materialized: 'rows-store', restoreFrom: 'sourceTopic' })
  const more = s.table('more', { ...serdes, materialized: 'more-store', restoreFrom: 'sourceTopic' })
  rows
    .join(more, { joiner: (a: unknown, b: unknown) => [a, b] })
    .toStream()
    .groupByKey()
    .count({ name: 'counts' })
})

async function stateOf(partition = 3, restored?: (state: TaskState) => void) {
  const { plan, environment } = await partsOf(job, { partition })
  const state = new TaskState(plan, partition, environment)
  restored?.(state)
  const outputs = new TopicOutputs(
    () => ({ partitions: 1, limits: noLimits }),
    () => 0,
    { now: () => 0 },
  )
  const store = (name: string) => state.stores.get(name) as KeyValueStore
  const checkpoint = (entries: Record<string, unknown> = {}, timestamp = 9) => {
    const { segment, logged } = state.checkpoint(Object.entries(entries), timestamp, outputs)
    return { segment, logged, times: outputs.take() }
  }
  return { state, store, checkpoint }
}

/** A batch of a topic whose records are keys and values as text; a value of null deletes. */
const batch = (topic: string, entries: readonly (readonly [string | null, string | null])[], first = 0) =>
  batchOf(
    { topic, partition: 3 },
    entries.map(([key, value], i) => ({
      ...{ topic, partition: 3, offset: first + i, timestamp: 1 },
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    })),
  )

describe('a checkpoint', () => {
  test('writes the changed entries of each store to its changelog, once, in the task’s partition', async () => {
    const { store, checkpoint } = await stateOf()
    const row = (value: number) => ({ value, timestamp: 1 })
    for (const value of [1, 2]) store('counts').put('a', row(value))
    store('counts').put('b', row(3))
    store('counts').delete('b')
    const { logged } = checkpoint()
    expect(logged.map(({ topic, partition }) => [topic, partition])).toEqual([[changelog('counts'), 3]])
    expect(written(logged)).toEqual([
      `${changelog('counts')}/3 "a" {"value":2,"timestamp":1}`,
      `${changelog('counts')}/3 "b" null`,
    ])
    expect(logged[0]?.records[0]?.timestamp).toBe(9)
    expect(checkpoint().logged).toEqual([])
  })

  test('writes no rows of tables that are restored from their topics', async () => {
    const { store, checkpoint } = await stateOf()
    store('rows-store').put('a', { value: 1, timestamp: 1 })
    expect(checkpoint()).toMatchObject({ logged: [], times: [] })
  })

  test('writes the times that have changed, with the log’s time', async () => {
    const { checkpoint } = await stateOf()
    expect(written(checkpoint({ 'a/time': 5, 'b/time': 7 }).times)).toEqual([
      `${times}/3 a/time 5`,
      `${times}/3 b/time 7`,
    ])
    expect(written(checkpoint({ 'a/time': 5, 'b/time': 8 }, 11).times)).toEqual([`${times}/3 b/time 8`])
    const [output] = checkpoint({ 'a/time': 6 }, 12).times
    expect(output?.records.map(({ timestamp }) => timestamp)).toEqual([12])
  })

  test('writes times again after a rollback, as nobody knows whether they came', async () => {
    const { state, checkpoint } = await stateOf()
    checkpoint({ 'a/time': 5 })
    expect([state.isWritten('a/time'), state.isWritten('b/time')]).toEqual([true, false])
    state.rollback()
    expect(state.isWritten('a/time')).toBe(false)
    expect(written(checkpoint({ 'a/time': 5 }).times)).toEqual([`${times}/3 a/time 5`])
  })
})

test('a rollback takes back what no seal has kept', async () => {
  const { state, store, checkpoint } = await stateOf()
  store('counts').put('a', { value: 1, timestamp: 1 })
  const sealed = checkpoint()
  store('counts').put('a', { value: 2, timestamp: 1 })
  checkpoint()
  store('counts').put('a', { value: 3, timestamp: 1 })
  await state.seal(sealed.segment, [])
  state.rollback()
  expect(store('counts').get('a')).toEqual({ value: 1, timestamp: 1 })
})

test('a seal says up to where a takeover has the changelog, of this partition and where the ledger knows it', async () => {
  const { state, checkpoint } = await stateOf()
  const at = (topic: string, baseOffset: number, partition = 3) => ({ topic, partition, baseOffset })
  await state.seal(checkpoint().segment, [
    at(changelog('counts'), 40),
    at(changelog('counts'), 50, 2),
    at('out', 60),
    at(times, 70),
  ])
  expect([...state.restoredTo]).toEqual([[changelog('counts'), 40]])
  await state.seal(checkpoint().segment, [at(changelog('counts'), -1)])
  expect(state.restoredTo.get(changelog('counts'))).toBe(40)
  await state.seal(checkpoint().segment, [at(changelog('counts'), 0)])
  expect(state.restoredTo.get(changelog('counts'))).toBe(0)
})

test('a seal of what was taken back already says nothing', async () => {
  const { state, checkpoint } = await stateOf()
  const { segment } = checkpoint()
  state.rollback()
  await state.seal(segment, [{ topic: changelog('counts'), partition: 3, baseOffset: 40 }])
  expect([...state.restoredTo]).toEqual([])
})

describe('a restore', () => {
  test('applies a store’s changelog, and counts the entries of changelogs alone', async () => {
    const { state, store } = await stateOf()
    state.restoreStore(
      'counts',
      batch(changelog('counts'), [
        ['"a"', '{"value":1,"timestamp":1}'],
        ['"b"', '1'],
        ['"b"', null],
      ]),
    )
    store('rows-store').put('x', { value: 1, timestamp: 1 })
    expect([store('counts').get('a'), state.entries]).toEqual([{ value: 1, timestamp: 1 }, 1])
  })

  test('applies the times, and a deleted one is none', async () => {
    const { state } = await stateOf()
    state.restoreTimes(
      batch(times, [
        ['a/time', '5'],
        ['b/time', '6'],
        ['b/time', null],
        ['a/time', '7'],
        [null, '1'],
      ]),
    )
    expect([state.times.get('a/time'), state.times.has('b/time')]).toEqual([7, false])
    expect([state.isWritten('a/time'), state.isWritten('b/time')]).toEqual([true, false])
  })

  test('notes what is no time of weir’s, until another record stands under its name', async () => {
    const { state } = await stateOf()
    state.restoreTimes(batch(times, [['a/time', 'no JSON']], 20))
    expect(() => state.unreadable.throwIfAny()).toThrow(`${times}/3 holds at offset 20, under the key a/time`)
    state.restoreTimes(batch(times, [['a/time', '5']], 21))
    state.unreadable.throwIfAny()
    expect(state.times.get('a/time')).toBe(5)
  })

  test('applies a table’s source topic to its own table', async () => {
    const { state, store } = await stateOf()
    expect(state.restoreSource('more', batch('more', [['a', '1']]))).toBeUndefined()
    expect([store('more-store').get('a'), store('rows-store').get('a')]).toEqual([
      { value: 1, timestamp: 1 },
      undefined,
    ])
  })
})

describe('rows whose last record was refused', () => {
  const row = { value: 'before', timestamp: 1 }

  test('are kept with the times as they are, each table’s own, and restored', async () => {
    const { state, store, checkpoint } = await stateOf()
    store('rows-store').put('a', row)
    store('more-store').put('a', { value: 'other', timestamp: 2 })
    state.keepRefusedRow('rows', 'a')
    state.keepRefusedRow('rows', 'none')
    const kept = checkpoint().times
    const names = ['a', 'none'].map(key => `rows-store/survivors ${stateText(key)}`)
    expect(written(kept)).toEqual([
      `${times}/3 ${names[0]} ${JSON.stringify({ row })}`,
      `${times}/3 ${names[1]} {"row":null}`,
    ])
    expect(kept[0]?.records[0]?.timestamp).toBe(9)

    const next = await stateOf()
    next.store('rows-store').put('none', { value: 'refused', timestamp: 3 })
    next.store('rows-store').put('a', { value: 'refused', timestamp: 3 })
    next.state.restoreTimes(
      batch(
        times,
        kept.flatMap(({ records }) => records.map(({ key, value }) => [String(key), String(value)] as const)),
      ),
    )
    next.state.restoreRefusedRows()
    expect(['a', 'none'].map(key => next.store('rows-store').get(key))).toEqual([row, undefined])
    // They are no times.
    expect([...next.state.times.keys()]).toEqual([])
  })

  test('are let go once their key has another record', async () => {
    const { state, store, checkpoint } = await stateOf()
    store('rows-store').put('a', row)
    state.keepRefusedRow('rows', 'a')
    checkpoint()
    store('rows-store/survivors').delete('a')
    const gone = checkpoint().times
    expect(written(gone)).toEqual([`${times}/3 rows-store/survivors "a" null`])
    const next = await stateOf()
    next.state.restoreTimes(
      batch(times, [
        ['rows-store/survivors "a"', '{"row":null}'],
        ['rows-store/survivors "a"', null],
      ]),
    )
    next.store('rows-store').put('a', row)
    next.state.restoreRefusedRows()
    expect(next.store('rows-store').get('a')).toEqual(row)
  })

  test('of a topic that is no table are nothing to keep', async () => {
    const { state } = await stateOf()
    state.keepRefusedRow('elsewhere', 'a')
    expect(state.journal.isDirty).toBe(false)
  })
})

test('what a changelog refuses of the record in hand is found, and what is written nowhere is not asked about', async () => {
  const { state, store } = await stateOf()
  const asked: string[] = []
  const refusal = new ContentError('too large')
  const refusalOf = (topic: string, { key, value }: LoggedChange) => {
    asked.push(`${topic} ${key} ${value}`)
    return String(value) === '2' ? refusal : undefined
  }
  state.journal.begin()
  store('rows-store').put('a', 2)
  store('counts').put('a', 1)
  expect(state.refusedChange(refusalOf)).toBeUndefined()
  store('counts').put('b', 2)
  store('counts').put('c', 3)
  expect(state.refusedChange(refusalOf)).toBe(refusal)
  expect(asked).toEqual([1, 1, 2].map((n, i) => `${changelog('counts')} "${i < 2 ? 'a' : 'b'}" ${n}`))
})
