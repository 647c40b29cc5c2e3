import { json, text, topology } from '../../../src'
import { SchemaMissing } from '../../../src/codecs/codec'
import { planOf } from '../../../src/engine/plan/plan'
import { sourceTables } from '../../../src/engine/plan/source-tables'
import { SourceTable } from '../../../src/engine/task/source-table'
import { Journal } from '../../../src/state/journal'
import { KeyValueStore } from '../../../src/state/key-value-store'
import { batchOf } from '../../../src/testing/memory-kafka'
import { partsOf } from './lone-task'

const serdes = { key: text, value: json<any>() }
const job = topology('app', s => {
  s.table('rows', {
    ...{ ...serdes, materialized: 'kept', restoreFrom: 'sourceTopic' },
    timestamp: (value: any, _: unknown, logged: number) => value?.at ?? logged,
  })
})

async function scene(maxFutureMs = Number.POSITIVE_INFINITY) {
  const { environment } = await partsOf(job, { environment: { maxFutureMs } })
  const store = new KeyValueStore<string, any>('kept', new Journal())
  const [spec] = planOf(job).subTopologies.flatMap(sourceTables)
  const table = new SourceTable(spec!, 3, store, environment)
  return { table, store, environment, spec: spec! }
}

const batch = (...rows: readonly (readonly [string | null, unknown])[]) =>
  batchOf(
    { topic: 'rows', partition: 3 },
    rows.map(([key, value], offset) => ({
      ...{ topic: 'rows', partition: 3, offset, timestamp: 5 },
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    })),
  )
const held = (store: KeyValueStore) => [...store.all()].map(({ key, value }) => [key, value.value, value.timestamp])

test('the last record of each key is its row, with its time, and a null takes it away', async () => {
  const { table, store } = await scene()
  expect(table.apply(batch(['a', { n: 1 }], ['b', { n: 2 }], ['a', { n: 3, at: 9 }], ['b', null]))).toBeUndefined()
  expect(held(store)).toEqual([['a', { n: 3, at: 9 }, 9]])
  // The topic comes in several batches, whose offsets don't matter.
  expect(table.apply(batch(['c', { n: 4 }]))).toBeUndefined()
  expect(held(store).map(([key]) => key)).toEqual(['a', 'c'])
})

test('what a task would have put aside is passed over', async () => {
  const { table, store } = await scene(100)
  table.apply(batch(['a', 'no JSON'], [null, { n: 1 }], ['b', { n: 2, at: 106 }], ['c', { n: 3, at: 105 }]))
  expect(held(store).map(([key]) => key)).toEqual(['c'])
})

test('a schema that is not here is asked for, with nothing applied before it is', async () => {
  const { environment, store, spec } = await scene()
  let isKnown = false
  const plain = environment.codecs.get(spec.source.id)!
  const value = {
    ...plain.value,
    decode: (buffer: Buffer, start: number, end: number) => {
      if (!isKnown && buffer.toString('utf8', start, end).includes('new')) throw new SchemaMissing(7)
      return plain.value.decode(buffer, start, end)
    },
    load: async () => {
      isKnown = true
    },
  }
  const codecs = new Map([[spec.source.id, { ...plain, value }]]) as unknown as typeof environment.codecs
  const table = new SourceTable(spec, 3, store, { ...environment, codecs })
  const rows = batch(['a', { n: 1 }], ['b', { new: 2 }], ['c', { n: 3 }])
  const missing = table.apply(rows)
  expect([missing?.id, held(store)]).toEqual([7, []])
  await missing?.load()
  expect(table.apply(rows)).toBeUndefined()
  expect(held(store).map(([key]) => key)).toEqual(['a', 'b', 'c'])
})
