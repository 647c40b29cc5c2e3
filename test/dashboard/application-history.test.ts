import { ApplicationHistories } from '../../src/dashboard/server/application-history'
import { applicationOf, tally } from '../vitals/an-application'

test('the last five minutes of an application are kept, a point a second, and forgotten with it', () => {
  const histories = new ApplicationHistories()
  const sensors = applicationOf(tally('w'))
  for (let ms = 0; ms < 400_000; ms += 500)
    if (histories.isDue(ms)) histories.note([{ ...sensors, rate: ms / 1_000 + 0.04, lag: { trend: 'unknown' } }], ms)
  const { rate, lagMs, lagRecords } = histories.of('sensors')
  expect([rate.length, rate[0], rate.at(-1)]).toEqual([300, 100, 399])
  expect([lagMs.length, lagMs[0], lagRecords.length, lagRecords[0]]).toEqual([300, null, 300, null])
  histories.note([], 500_000)
  expect(histories.of('sensors').rate).toEqual([])
})
