import { json, text, topology } from '../../../src'
import { type MemoryChunk, memory } from '../../../src/connectors/memory/memory-target'
import type { KeyValueStore } from '../../../src/state/key-value-store'
import { LoneTask, written } from './lone-task'

const serdes = { key: text, value: json<any>() }

/** What the ends of a task are given. */
const rowsOf = ({ task }: LoneTask) =>
  task.takeChunks().flatMap(({ chunk }) => (chunk as MemoryChunk).rows.map(({ record }) => record.value))

test('a record that fails after it was written to an end is taken back there, and those before it stay', async () => {
  const failing = topology('app', s => {
    const read = s.stream('in', serdes)
    read.to(memory<any, any>({ name: 'rows' }))
    read
      .mapValues(value => {
        if (value === 13) throw new Error('thirteen')
        return value
      })
      .to('out', serdes)
  })
  const lone = await LoneTask.of(failing)
  lone.feed('in', ...[1, 2, 13, 4].map(value => ({ value }))).run()
  expect(rowsOf(lone)).toEqual([1, 2, 4])
})

describe('a table that is restored from its source topic', () => {
  const job = topology('app', s => {
    const rows = s.table('rows', { ...serdes, materialized: 'rows-store', restoreFrom: 'sourceTopic' })
    rows
      .mapValues(value => {
        if (value === 13) throw new Error('thirteen')
        return value
      })
      .toStream()
      .to('out', serdes)
  })
  const survivors = (lone: LoneTask) =>
    written(lone.task.checkpoint().outputs).filter(line => line.includes('survivors'))

  test('keeps the row that a refused record would have replaced', async () => {
    const lone = await LoneTask.of(job)
    lone.feed('rows', { key: 'a', value: 1, timestamp: 3 }, { key: 'a', value: 13 }).run()
    expect((lone.task.stores.get('rows-store') as KeyValueStore).get('a')).toEqual({ value: 1, timestamp: 3 })
    expect(survivors(lone)).toEqual([
      'app-times-changelog/0 rows-store/survivors "a" {"row":{"value":1,"timestamp":3}}',
    ])
  })

  test('keeps it for a value that can not be read too, and nothing for what has no key', async () => {
    const lone = await LoneTask.of(job)
    lone.feed('rows', { key: 'a', value: 'no JSON' }, { key: null, value: 'no JSON' }).run()
    expect(survivors(lone)).toEqual(['app-times-changelog/0 rows-store/survivors "a" {"row":null}'])
    lone.feed('rows', { key: 'a', value: 2 }).run()
    expect(survivors(lone)).toEqual(['app-times-changelog/0 rows-store/survivors "a" null'])
  })

  test('begins with such rows as they were', async () => {
    const lone = await LoneTask.of(job, {}, state => {
      const rows = state.stores.get('rows-store') as KeyValueStore
      const kept = state.stores.get('rows-store/survivors') as KeyValueStore
      rows.restore('a', { value: 13, timestamp: 4 })
      kept.restore('a', { row: { value: 1, timestamp: 3 } })
    })
    expect((lone.task.stores.get('rows-store') as KeyValueStore).get('a')).toEqual({ value: 1, timestamp: 3 })
    expect(lone.task.isDirty).toBe(false)
  })
})
