import { type Share, together } from '../../../src/engine/task/verdicts'

const at = (offset: number) => ({ topic: 'in', partition: 0, offset })
const share = (task: string, said: Partial<Share> = {}): Share => ({
  ...{ task, records: 0, last: undefined, results: 0, letters: 0, retained: 0, dropped: [] },
  ...said,
})

test('what a task had in several commits is one share, with the last of its records', () => {
  const [one, two] = [{ line: 'one' }, { topic: 't', line: 'two' }]
  expect(
    together([
      share('0_0', { records: 3, last: at(9), results: 1, letters: 2, retained: 4, dropped: [one] }),
      share('0_1', { records: 1, last: at(1) }),
      share('0_0', { records: 10, last: at(19), results: 20, letters: 30, retained: 40, dropped: [two] }),
      share('0_0', { results: 100 }),
    ]),
  ).toEqual([
    share('0_0', { records: 13, last: at(19), results: 121, letters: 32, retained: 44, dropped: [one, two] }),
    share('0_1', { records: 1, last: at(1) }),
  ])
})

test('a task that wrote nothing has no share, and one thing alone is one', () => {
  expect(together([share('0_0'), share('0_1', { dropped: [{ line: 'x' }] })])).toEqual([])
  const alone = [{ records: 1 }, { results: 1 }, { letters: 1 }, { retained: 1 }]
  const equal = [
    { records: 2, results: 2 },
    { records: 2, letters: 2 },
    { records: 2, retained: 2 },
  ]
  for (const said of [...alone, ...equal]) expect(together([share('0_0', said)])).toEqual([share('0_0', said)])
})
