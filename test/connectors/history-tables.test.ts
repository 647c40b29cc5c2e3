import { type FoundColumn, historyTableOf } from '../../src/connectors/postgres/history-tables'

const column = (name: string, type: string, is_key = false): FoundColumn => ({ name, type, is_key })
const time = 'timestamp with time zone'

describe('a table that tells of a figure over time', () => {
  it('is a rollup by its key: what, and when', () => {
    const columns = [
      ...[column('sensor_id', 'integer', true), column('window_start', time, true), column('window_end', time)],
      ...['count', 'sum', 'min', 'max', 'mean'].map(name => column(name, 'double precision')),
    ]
    expect(historyTableOf('r', columns, 'temperature')).toEqual({
      ...{ kind: 'rollup', table: 'r', identity: columns[0], start: 'window_start', end: 'window_end' },
      ...{ low: 'min', high: 'max', mean: 'mean', count: 'count' },
    })
  })

  it('is a table of readings with the figure, a time and what it is of', () => {
    const columns = [
      column('temperature', 'double precision'),
      column('sensor_id', 'integer'),
      column('timestamp', time),
      column('kafka_partition', 'integer'),
      column('kafka_offset', 'bigint'),
    ]
    expect(historyTableOf('d', columns, 'temperature')).toMatchObject({
      kind: 'raw',
      identity: { name: 'sensor_id' },
      time: 'timestamp',
      figure: 'temperature',
    })
    expect(historyTableOf('d', columns, 'humidity')).toBeUndefined()
  })

  it('is none without a time, or with two identities in its key', () => {
    expect(historyTableOf('x', [column('id', 'text', true), column('v', 'real')], 'v')).toBeUndefined()
    const two = [
      column('a', 'text', true),
      column('b', 'text', true),
      column('t', time, true),
      column('min', 'real'),
      column('max', 'real'),
    ]
    expect(historyTableOf('x', two, 'v')).toBeUndefined()
  })
})
