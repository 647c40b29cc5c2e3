import { ErrorCode } from '../../src/connectors/kafka/protocol/error-codes'
import { Transactions } from '../../src/light/transactions/transactions'
import { forgetful } from '../../src/light/world/keeper'
import { VirtualClock } from '../../src/light/world/virtual-clock'

function scene(markerDelayMs: (target: string) => number = () => 0) {
  const clock = new VirtualClock()
  const marks: string[] = []
  const world = { hasLeader: true, losesMarkers: false }
  const transactions = new Transactions(
    clock,
    { maxTimeoutMs: 60_000, markerDelayMs, losesMarkers: () => world.losesMarkers },
    {
      mark(topic, partition, { producerId, producerEpoch, committed }) {
        if (!world.hasLeader) return false
        marks.push(`${topic}-${partition} ${producerId}/${producerEpoch} ${committed ? 'commit' : 'abort'}`)
        return true
      },
      endOffsets: (group, { committed }) => marks.push(`group ${group} ${committed ? 'commit' : 'abort'}`),
    },
    forgetful,
  )
  const claim = (producerEpoch: number, producerId = 0) => ({ transactionalId: 'x', producerId, producerEpoch })
  const write = (producerEpoch: number) =>
    transactions.addPartitions(claim(producerEpoch), [{ topic: 't', partition: 1 }])
  return { clock, marks, world, transactions, claim, write }
}
const TIMEOUT_MS = 5_000

test('what a commit reaches: the partitions in their order, then the groups', () => {
  const { transactions, claim, write, marks } = scene()
  expect(transactions.init('x', TIMEOUT_MS, undefined)).toEqual({ errorCode: 0, producerId: 0, producerEpoch: 0 })
  expect(transactions.verify(claim(0), 't', 1)).toBe(ErrorCode.INVALID_TXN_STATE)
  write(0)
  transactions.addGroup(claim(0), 'g')
  expect([transactions.verify(claim(0), 't', 1), transactions.verifyGroup(claim(0), 'g')]).toEqual([0, 0])
  expect(transactions.end(claim(0), true)).toBe(0)
  expect(marks).toEqual(['t-1 0/0 commit', 'group g commit'])
})

test('an end that is asked for again is answered as before; the other end is not', () => {
  const { transactions, claim, write } = scene()
  transactions.init('x', TIMEOUT_MS, undefined)
  expect(transactions.end(claim(0), true)).toBe(ErrorCode.INVALID_TXN_STATE)
  write(0)
  transactions.end(claim(0), true)
  expect(transactions.end(claim(0), true)).toBe(0)
  expect(transactions.end(claim(0), false)).toBe(ErrorCode.INVALID_TXN_STATE)
})

test('a new holder fences the former one, whose transaction is aborted under an epoch between them', () => {
  const { transactions, claim, write, marks } = scene()
  transactions.init('x', TIMEOUT_MS, undefined)
  write(0)
  expect(transactions.init('x', TIMEOUT_MS, undefined).errorCode).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
  expect(marks).toEqual(['t-1 0/1 abort'])
  expect(transactions.init('x', TIMEOUT_MS, undefined)).toMatchObject({ errorCode: 0, producerEpoch: 2 })
  expect(write(0)).toBe(ErrorCode.PRODUCER_FENCED)
  expect(transactions.end(claim(0), true)).toBe(ErrorCode.PRODUCER_FENCED)
  expect(transactions.end(claim(2, 9), true)).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
})

test('a transaction that takes too long is aborted, and its producer fenced', () => {
  const { clock, transactions, claim, write, marks } = scene()
  transactions.init('x', TIMEOUT_MS, undefined)
  write(0)
  clock.advance(TIMEOUT_MS - 1)
  expect(marks).toEqual([])
  clock.advance(1)
  expect(marks).toEqual(['t-1 0/1 abort'])
  expect(transactions.end(claim(0), true)).toBe(ErrorCode.PRODUCER_FENCED)
})

test('while markers are under way the end is decided, and nothing new begins', () => {
  const { clock, transactions, claim, write, marks } = scene(() => 10)
  transactions.init('x', TIMEOUT_MS, undefined)
  write(0)
  transactions.end(claim(0), true)
  expect([marks, write(0)]).toEqual([[], ErrorCode.CONCURRENT_TRANSACTIONS])
  expect(transactions.end(claim(0), true)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
  expect(transactions.init('x', TIMEOUT_MS, undefined).errorCode).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
  clock.advance(10)
  expect([marks, write(0)]).toEqual([['t-1 0/0 commit'], 0])
})

test('each marker has a way of its own, and the transaction is over once all have arrived', () => {
  const delays = new Map([
    ['t/1', 20],
    ['group g', 10],
  ])
  const { clock, transactions, claim, write, marks } = scene(target => delays.get(target) ?? 0)
  transactions.init('x', TIMEOUT_MS, undefined)
  write(0)
  transactions.addPartitions(claim(0), [{ topic: 't', partition: 2 }])
  transactions.addGroup(claim(0), 'g')
  transactions.end(claim(0), true)
  expect(marks).toEqual(['t-2 0/0 commit'])
  clock.advance(10)
  expect(marks.slice(1)).toEqual(['group g commit'])
  expect([transactions.get('x')?.state, write(0)]).toEqual(['PrepareCommit', ErrorCode.CONCURRENT_TRANSACTIONS])
  clock.advance(10)
  expect([marks.slice(2), transactions.get('x')?.state]).toEqual([['t-1 0/0 commit'], 'CompleteCommit'])
})

test('a marker waits for a leader', () => {
  const { world, transactions, claim, write, marks } = scene()
  transactions.init('x', TIMEOUT_MS, undefined)
  write(0)
  world.hasLeader = false
  transactions.end(claim(0), true)
  expect(transactions.get('x')?.state).toBe('PrepareCommit')
  world.hasLeader = true
  transactions.writeMarkers()
  expect([marks, transactions.get('x')?.state]).toEqual([['t-1 0/0 commit'], 'CompleteCommit'])
})

test('a holder that asks for a new epoch by what it holds gets it once, also when it asks twice', () => {
  const { transactions } = scene()
  transactions.init('x', TIMEOUT_MS, undefined)
  const held = { producerId: 0, producerEpoch: 0 }
  expect(transactions.init('x', TIMEOUT_MS, held)).toMatchObject({ errorCode: 0, producerEpoch: 1 })
  expect(transactions.init('x', TIMEOUT_MS, held)).toMatchObject({ errorCode: 0, producerEpoch: 1 })
  expect(transactions.init('x', TIMEOUT_MS, { producerId: 0, producerEpoch: 5 }).errorCode).toBe(
    ErrorCode.PRODUCER_FENCED,
  )
})

test('when the epochs of a producer id are used up it gets another id', () => {
  const { transactions } = scene()
  transactions.init('x', TIMEOUT_MS, undefined)
  for (let epoch = 1; epoch <= 32766; epoch++) transactions.init('x', TIMEOUT_MS, undefined)
  expect(transactions.init('x', TIMEOUT_MS, undefined)).toEqual({ errorCode: 0, producerId: 1, producerEpoch: 0 })
})

test('a timeout beyond what the broker allows is refused', () => {
  const { transactions } = scene()
  expect(transactions.init('x', 60_001, undefined).errorCode).toBe(ErrorCode.INVALID_TRANSACTION_TIMEOUT)
})

test('markers that get lost reach nobody, and the coordinator says when the transaction began', () => {
  const { clock, world, transactions, claim, write, marks } = scene()
  transactions.init('x', TIMEOUT_MS, undefined)
  clock.advance(7)
  const began = clock.now()
  write(0)
  world.losesMarkers = true
  transactions.end(claim(0), true)
  expect([marks, transactions.get('x')?.state, transactions.get('x')?.startedAt]).toEqual([[], 'CompleteCommit', began])
})
