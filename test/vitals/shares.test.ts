import { sharesOf } from '../../src/vitals/shares'
import { applicationOf, tally, task } from './an-application'

test('each worker by its host: what it owns, follows and lacks', () => {
  const one = tally('one', { host: 'a', tasks: [task(0)], standbys: [{ task: '0_1', lag: 250 }] })
  const two = tally('two', {
    ...{ host: 'b', state: 'opening', tasks: [task(1, { status: 'holding' })] },
    standbys: [{ task: '0_0', lag: Number.MAX_SAFE_INTEGER }],
  })
  const { workers, unowned } = sharesOf(applicationOf(two, one))
  expect(workers.map(({ ageMs, ...share }) => share)).toEqual([
    {
      ...{ worker: 'one', host: 'a', pid: 7, state: 'running', owns: ['0_0'], follows: ['0_1'] },
      lacks: [{ task: '0_1', records: 250 }],
    },
    {
      ...{ worker: 'two', host: 'b', pid: 7, state: 'opening', owns: ['0_1'], follows: ['0_0'] },
      lacks: [
        { task: '0_1', records: null },
        { task: '0_0', records: null },
      ],
    },
  ])
  expect(unowned).toEqual([])
})

test("state that nobody else follows closely is named, and whose worker has left is nobody's", () => {
  const standbys = [
    { task: '0_0', lag: 10_000 },
    { task: '0_1', lag: 10_001 },
  ]
  const one = tally('one', { tasks: [task(0), task(1), task(2, { stores: [], part: 1, id: '1_2' })] })
  expect(sharesOf(applicationOf(one)).withoutStandby).toEqual(['0_0', '0_1'])
  expect(sharesOf(applicationOf(one, tally('two', { tasks: [], standbys }))).withoutStandby).toEqual(['0_1'])
  const left = sharesOf(applicationOf(tally('one', { state: 'stopped' }), tally('two', { tasks: [] })))
  expect([left.workers.map(({ worker }) => worker), left.unowned]).toEqual([['two'], ['0_0']])
})
