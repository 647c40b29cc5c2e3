import type { Window } from '../../../../src/sensors/audit/oracle'
import { windowKey } from '../../../../src/sensors/audit/oracle'
import { WindowsCheck } from './windows-check'

const window = (sensor: number, start: number, sum = 3): Window => ({
  ...{ sensor, start, end: start + 10_000, count: 2, sum, min: 1, max: 2, mean: sum / 2 },
})
const expected = (...windows: Window[]) => new Map(windows.map(each => [windowKey(each), each]))

const counts = ({ lost, twice, unequal, ahead }: WindowsCheck) => [lost.count, twice.count, unequal.count, ahead.size]

test('what was read further than was recomputed is expected by the next round', () => {
  const check = new WindowsCheck('10s')
  check.round(expected(window(1, 0)), [window(1, 0), window(2, 0)])
  expect(counts(check)).toEqual([0, 0, 0, 1])
  check.round(expected(window(2, 0)), [])
  expect(counts(check)).toEqual([0, 0, 0, 0])
})

test('a window that is not there is lost, in its own round alone', () => {
  const check = new WindowsCheck('10s')
  check.round(expected(window(1, 0), window(2, 0)), [window(1, 0)])
  expect(counts(check)).toEqual([1, 0, 0, 0])
  expect(check.lost.examples[0]).toBe('10s: sensor 2 from 1970-01-01T00:00:00.000Z')
  check.round(expected(), [])
  expect(counts(check)).toEqual([0, 0, 0, 0])
})

test('a window that comes again in a later round is there twice', () => {
  const check = new WindowsCheck('10s')
  check.round(expected(window(1, 0)), [window(1, 0)])
  check.round(expected(window(1, 10_000)), [window(1, 10_000), window(1, 0)])
  expect(counts(check)).toEqual([0, 1, 0, 1])
})

test('figures are compared to the bit', () => {
  const check = new WindowsCheck('10s')
  check.round(expected(window(1, 0, 0.3)), [window(1, 0, 0.1 + 0.2)])
  expect(counts(check)).toEqual([0, 0, 1, 0])
  expect(check.unequal.examples[0]).toMatch(/has sum 0.30000000000000004 and not 0.3/)
})

test('the newest window of each sensor is the one that ends last', () => {
  const check = new WindowsCheck('10s')
  check.round(expected(), [window(1, 0), window(1, 20_000), window(2, 10_000), window(1, 10_000)])
  expect([...check.newest()].map(([sensor, { start }]) => [sensor, start])).toEqual([
    [1, 20_000],
    [2, 10_000],
  ])
})
