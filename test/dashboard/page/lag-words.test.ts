import { lagFigure, lagNote } from '../../../src/dashboard/page/lib/lag-words'

it.each([
  [{ trend: 'unknown' }, '–', ''],
  [{ records: 0, ms: 0, trend: 'none' }, 'none', ''],
  [{ records: 812_000, ms: 40_000, trend: 'growing' }, '40 s', '812,000 records, growing'],
  [{ records: 1, ms: 90, trend: 'steady' }, '90 ms', '1 record, steady'],
  [
    { records: 1200, ms: 9000, trend: 'shrinking', caughtUpInMs: 200_000 },
    '9 s',
    '1,200 records, caught up in 3 min 20 s',
  ],
  [{ records: 1200, trend: 'unknown' }, '1,200 rec.', '1,200 records'],
] as const)('%j', (lag, figure, note) => {
  expect(lagFigure(lag)).toBe(figure)
  expect(lagNote(lag)).toBe(note)
})
