import { type Window, windowKey } from '../../../../src/sensors/audit/oracle'
import { rowFaults, windowFaults } from './whole-tables'

const right = (rows: number) => ({ rows, distinct: rows })

test('as many rows as the log has readings, each once, are right', () => {
  const counts = new Map([
    [0, right(10)],
    [1, right(7)],
  ])
  expect(rowFaults([10, 7, 0], counts, [])).toEqual([])
})

test('a row that was written again is there twice, wherever it lies', () => {
  const repeated = [{ partition: 0, offset: 3, rows: 2 }]
  expect(rowFaults([10], new Map([[0, { rows: 11, distinct: 10 }]]), repeated)).toEqual([
    'all raw rows: 1 twice, as partition 0 offset 3 in 2 rows',
  ])
})

test('a row more in one partition does not stand for one that another lacks', () => {
  const counts = new Map([
    [0, right(11)],
    [1, right(6)],
  ])
  expect(rowFaults([10, 7], counts, [])).toEqual([
    'all raw rows: 1 extra in partition 0, where 10 are right',
    'all raw rows: 1 missing in partition 1, where 7 are right',
  ])
})

test('a partition without rows lacks them, and one that the log has not is extra', () => {
  expect(rowFaults([5], new Map([[9, right(2)]]), [])).toEqual([
    'all raw rows: 5 missing in partition 0, where 5 are right',
    'all raw rows: 2 extra in partition 9, where 0 are right',
  ])
})

const window = (sensor: number, sum = 3): Window => ({
  ...{ sensor, start: 0, end: 10_000, count: 2, sum, min: 1, max: 2, mean: sum / 2 },
})
const closed = new Map([window(1), window(2)].map(each => [windowKey(each), each]))

test('a table has each window that has closed once, and no others', () => {
  const kinds = (...rows: Window[]) => windowFaults('t', closed, rows).map(each => /: (\d+ \w+),/.exec(each)?.[1])
  expect(kinds(window(1), window(2))).toEqual([])
  expect(kinds(window(1), window(2), window(3))).toEqual(['1 extra'])
  expect(kinds(window(1), window(2), window(2))).toEqual(['1 twice'])
  expect(kinds(window(1))).toEqual(['1 missing'])
  expect(kinds(window(1), window(2, 4))).toEqual(['1 unequal'])
})
