import { rollup } from '../../../schemas/types'
import { postgres } from '../../../src/connectors/postgres/postgres-end'
import { binaryArray, lastOfEachKey, upsertStatement } from '../../../src/connectors/postgres/upsert'

const target = postgres({ table: 'app.r"x', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })
const row = (sensor: number, start: number, count = 1) => [sensor, start, start + 10, count, 3, 1, 2, 1.5]

it('writes one statement for any number of rows, with quoted names', () => {
  expect(upsertStatement(target)).toBe(
    'INSERT INTO "app"."r""x" ("sensor_id", "window_start", "window_end", "count", "sum", "min", "max", "mean") ' +
      'SELECT * FROM unnest($1::integer[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::double precision[], ' +
      '$6::double precision[], $7::double precision[], $8::double precision[]) ' +
      'ON CONFLICT ("sensor_id", "window_start") DO UPDATE SET "window_end" = EXCLUDED."window_end", ' +
      '"count" = EXCLUDED."count", "sum" = EXCLUDED."sum", "min" = EXCLUDED."min", "max" = EXCLUDED."max", ' +
      '"mean" = EXCLUDED."mean"',
  )
})

it('keeps the last row of each key, in the order of keys as numbers', () => {
  const rows = [row(10, 0), row(9, 20), row(9, 3), row(10, 0, 2), row(9, 20, 3)]
  expect(lastOfEachKey(target, rows)).toEqual([row(9, 3), row(9, 20, 3), row(10, 0, 2)])
})

it('makes binary arrays', () => {
  const ids = binaryArray(target.columns[0]!, 0, [row(7, 0), row(8, 0)])
  expect(ids.toString('hex')).toBe(
    ['00000001', '00000000', '00000017', '00000002', '00000001', '00000004', '00000007', '00000004', '00000008'].join(
      '',
    ),
  )
})

it('takes keys for one that are one in the table, and no others', () => {
  const number = postgres({
    table: 't',
    schema: { name: 't', json: { type: 'record', name: 'T', fields: [{ name: 'k', type: 'double' }] } },
    mode: 'upsert',
    key: ['k'],
  })
  const rows = [[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], [0], [-0], [5], [5n]]
  expect(lastOfEachKey(number, rows)).toHaveLength(5)
})
