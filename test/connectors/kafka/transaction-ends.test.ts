import { endOf } from '../../../src/connectors/kafka/group/transaction-ends'

const END = { producerId: 7, epoch: 4, committed: false, startedAt: 1_000 }
const HANGING = { producerId: 7, epoch: 4, lastTimestamp: 1_050, coordinatorEpoch: -1, openSince: 10 }
const past = (end: typeof END | undefined) => ({ transactionalId: 'x', below: 6, end })

test.each([
  ['of the same epoch', {}, {}, true],
  ['that the coordinator has aborted by itself, under the next epoch', {}, { epoch: 3 }, true],
  ['committed, of the epoch before: the next one was', { committed: true }, { epoch: 3 }, false],
  ['of an epoch long past', {}, { epoch: 2 }, false],
  ['that wrote before the one began whose end is known', {}, { lastTimestamp: 800 }, false],
  ['that wrote a little before, by the clock of another broker', {}, { lastTimestamp: 950 }, true],
  ['of which nobody knows when it began', { startedAt: -1 }, {}, false],
])('how a transaction was decided %s: %p %p', (_, end, hanging, isKnown) => {
  const found = endOf(past({ ...END, ...end }), { ...HANGING, ...hanging })
  expect(found).toEqual(isKnown ? { ...END, ...end } : undefined)
})

test('where nobody had asked, nothing is known', () => {
  expect(endOf(past(undefined), HANGING)).toBeUndefined()
})
