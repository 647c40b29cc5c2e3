import { type FoundColumn, historyTables } from '../../src/connectors/postgres/history-tables'

type Given = readonly [name: string, type: string, isKey?: boolean]
const tableOf = (table: string, columns: readonly Given[]): FoundColumn[] =>
  columns.map(([name, type, is_key = false]) => ({ table, name, type, is_key }))
const time = 'timestamp with time zone'
const figures = ['count', 'sum', 'min', 'max', 'mean'].map(name => [name, 'double precision'] as const)
const origin = [
  ['kafka_partition', 'integer'],
  ['kafka_offset', 'bigint'],
] as const
const rollup = tableOf('public.r', [
  ['sensor_id', 'integer', true],
  ['window_start', time, true],
  ['window_end', time],
  ...figures,
])
const raw = tableOf('public.d', [
  ['temperature', 'double precision'],
  ['sensor_id', 'integer'],
  ['timestamp', time],
  ...origin,
])

describe('tables that tell of a figure over time', () => {
  it('are rollups by their key, what and when, and one of readings', () => {
    expect(historyTables([...rollup, ...raw], 'temperature')).toMatchObject([
      { kind: 'raw', table: 'public.d', identity: { name: 'sensor_id' }, time: 'timestamp', figure: 'temperature' },
      {
        ...{
          kind: 'rollup',
          table: 'public.r',
          identity: { name: 'sensor_id' },
          start: 'window_start',
          end: 'window_end',
        },
        ...{ low: 'min', high: 'max', mean: 'mean', count: 'count' },
      },
    ])
  })

  it('are those of the same identity', () => {
    const other = tableOf('public.o', [['hall_id', 'integer', true], ['window_start', time, true], ...figures])
    expect(historyTables([...other, ...raw], 'temperature').map(({ table }) => table)).toEqual(['public.d'])
    expect(historyTables(other, 'temperature').map(({ table }) => table)).toEqual(['public.o'])
  })

  it('say their place in Kafka before those that do not', () => {
    const copy = tableOf('public.a', [
      ['temperature', 'real'],
      ['sensor_id', 'integer'],
      ['timestamp', time],
    ])
    expect(historyTables([...copy, ...raw], 'temperature')[0]?.table).toBe('public.d')
  })

  it('are none without a time, or with two identities in the key', () => {
    const plain = tableOf('public.x', [
      ['id', 'text', true],
      ['v', 'real'],
    ])
    const two = tableOf('public.y', [
      ['a', 'text', true],
      ['b', 'text', true],
      ['t', time, true],
      ['min', 'real'],
      ['max', 'real'],
    ])
    expect(historyTables([...plain, ...two], 'v')).toEqual([])
  })
})
