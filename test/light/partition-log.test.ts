import { ErrorCode } from '../../src/connectors/kafka/protocol/error-codes'
import type { BatchContext } from '../../src/connectors/kafka/protocol/record-batch-encoder'
import { TopicSettings } from '../../src/light/cluster/topic-settings'
import { recordsOf } from '../../src/light/log/batch-records'
import { PartitionLog, Timestamp } from '../../src/light/log/partition-log'
import { encodeBatch, PLAIN } from '../connectors/kafka/record-batches'

const NOW = 1_800_000_000_000
const logOf = (settings: Record<string, string> = {}) => {
  const rules = new TopicSettings(new Map(Object.entries(settings))).logRules(86_400_000)
  return new PartitionLog(() => rules)
}
const batch = (pairs: readonly string[], context: BatchContext = PLAIN, at = NOW) =>
  encodeBatch(
    pairs.map(pair => {
      const [key = '', value] = pair.split(':')
      return { key: Buffer.from(key), value: value === undefined ? null : Buffer.from(value), timestamp: at }
    }),
    0,
    context,
  )
const append = (log: PartitionLog, pairs: readonly string[], context = PLAIN, at = NOW) =>
  log.append(batch(pairs, context, at), 0, at)
const by = (producerId: number, baseSequence: number, epoch = 0, transactional = false) => ({
  producerId,
  epoch,
  baseSequence,
  transactional,
})
/** `offset key`, as a reader from `offset` on gets it. */
const read = (log: PartitionLog, offset = 0, limit = log.endOffset) =>
  log
    .read(offset, limit, 1e6, true)
    .flatMap(each => recordsOf(each))
    .filter(each => each.offset >= offset)
    .map(({ offset, key, hasValue }) => `${offset} ${key}${hasValue ? '' : ' deleted'}`)

test('batches get their offsets one after the other, and are read whole from any of them', () => {
  const log = logOf()
  expect(append(log, ['a:1', 'b:1'])).toMatchObject({ errorCode: 0, baseOffset: 0 })
  expect(append(log, ['c:1'])).toMatchObject({ errorCode: 0, baseOffset: 2 })
  expect(read(log, 1)).toEqual(['1 b', '2 c'])
  expect(log.read(0, 3, 1, true)).toHaveLength(1)
  expect(log.read(0, 3, 1, false)).toHaveLength(0)
})

test('refuses what is damaged, too large, from another time, or without the key that a compacted topic needs', () => {
  const damaged = batch(['a:1'])
  damaged[damaged.length - 2]! ^= 1
  expect(logOf().append(damaged, 0, NOW).errorCode).toBe(ErrorCode.CORRUPT_MESSAGE)
  expect(append(logOf({ 'max.message.bytes': '70' }), ['a:1', 'b:22222222']).errorCode).toBe(
    ErrorCode.MESSAGE_TOO_LARGE,
  )
  expect(logOf().append(batch(['a:1'], PLAIN, NOW + 3_600_001), 0, NOW).errorCode).toBe(ErrorCode.INVALID_TIMESTAMP)
  const compacted = logOf({ 'cleanup.policy': 'compact' })
  const keyless = encodeBatch([{ key: null, value: Buffer.from('v'), timestamp: NOW }])
  expect(compacted.append(keyless, 0, NOW).errorCode).toBe(ErrorCode.INVALID_RECORD)
  expect(compacted.endOffset).toBe(0)
})

test('the time of the append is that of all records where the topic says so', () => {
  const log = logOf({ 'message.timestamp.type': 'LogAppendTime' })
  expect(log.append(batch(['a:1'], PLAIN, 5), 0, NOW)).toMatchObject({ errorCode: 0, appendTime: NOW })
  const [stored] = log.read(0, 1, 1e6, true)
  expect(recordsOf(stored!)[0]!.timestamp).toBe(NOW)
})

describe('idempotent producers', () => {
  test('a batch that is sent again is there once, and its first offset is the answer', () => {
    const log = logOf()
    append(log, ['a:1', 'b:1'], by(7, 0))
    append(log, ['c:1'], by(7, 2))
    expect(append(log, ['a:1', 'b:1'], by(7, 0))).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(log.endOffset).toBe(3)
  })

  test('a gap, a former epoch and a new epoch that does not begin with 0 are refused', () => {
    const log = logOf()
    append(log, ['a:1'], by(7, 0, 1))
    expect(append(log, ['b:1'], by(7, 2, 1)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(append(log, ['b:1'], by(7, 1, 0)).errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect(append(log, ['b:1'], by(7, 1, 2)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(append(log, ['b:1'], by(7, 0, 2)).errorCode).toBe(0)
  })

  test('the sequence goes on with 0 after 2^31 - 1', () => {
    const log = logOf()
    append(log, ['a:1', 'b:1'], by(7, 2 ** 31 - 2))
    expect(append(log, ['c:1'], by(7, 0)).errorCode).toBe(0)
  })
})

describe('transactions', () => {
  test('the last stable offset waits for the oldest, and readers learn which were aborted', () => {
    const log = logOf()
    append(log, ['a:1'], by(1, 0, 0, true))
    append(log, ['b:1'], by(2, 0, 0, true))
    expect([log.stableOffset, log.endOffset]).toEqual([0, 2])
    log.mark({ producerId: 2, producerEpoch: 0, committed: false }, 0, NOW)
    expect(log.stableOffset).toBe(0)
    log.mark({ producerId: 1, producerEpoch: 0, committed: true }, 0, NOW)
    expect(log.stableOffset).toBe(4)
    expect(log.abortedBetween(0, 4)).toMatchObject([{ producerId: 2, firstOffset: 1, lastOffset: 2 }])
    expect(log.abortedBetween(3, 4)).toEqual([])
  })

  test('the marker of a higher epoch fences the producer', () => {
    const log = logOf()
    append(log, ['a:1'], by(1, 0, 0, true))
    log.mark({ producerId: 1, producerEpoch: 1, committed: false }, 0, NOW)
    expect(append(log, ['b:1'], by(1, 1, 0, true)).errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect(log.endOffset).toBe(2)
  })
})

describe('where a time is', () => {
  const log = logOf()
  append(log, ['a:1'], PLAIN, NOW)
  append(log, ['b:1', 'c:1'], PLAIN, NOW + 20)
  append(log, ['d:1'], PLAIN, NOW + 10)

  test.each([
    ['the first record from it on', NOW + 5, { offset: 1, timestamp: NOW + 20 }],
    ['nowhere behind the last', NOW + 21, { offset: -1, timestamp: -1 }],
    ['the beginning by name', Timestamp.EARLIEST, { offset: 0, timestamp: -1 }],
    ['the end by name', Timestamp.LATEST, { offset: 4, timestamp: -1 }],
    ['the latest record by name', Timestamp.MAX, { offset: 1, timestamp: NOW + 20 }],
  ])('%s', (_name, at, found) => {
    expect(log.find(at, log.endOffset)).toMatchObject(found)
  })

  test('not beyond the limit', () => {
    expect(log.find(NOW + 5, 1)).toMatchObject({ offset: -1 })
  })
})

describe('cleaning', () => {
  test('what is deleted up to an offset is gone with its batch', () => {
    const log = logOf()
    append(log, ['a:1', 'b:1'])
    append(log, ['c:1'])
    log.truncateBefore(1)
    expect([log.startOffset, read(log, 1)]).toEqual([1, ['1 b', '2 c']])
    log.truncateBefore(2)
    expect(log.read(0, 3, 1e6, true)).toHaveLength(1)
  })

  test('by time, but not what a transaction left open, nor the last batch', () => {
    const log = logOf({ 'retention.ms': '100' })
    append(log, ['a:1'])
    append(log, ['b:1'], by(1, 0, 0, true))
    append(log, ['c:1'])
    log.clean(NOW + 1_000)
    expect(log.startOffset).toBe(1)
    log.mark({ producerId: 1, producerEpoch: 0, committed: true }, 0, NOW)
    log.clean(NOW + 1_000)
    expect([log.startOffset, log.endOffset]).toEqual([3, 4])
  })

  test('compaction keeps the last record of each key at its offset, and deletions for a while', () => {
    const log = logOf({ 'cleanup.policy': 'compact', 'delete.retention.ms': '500' })
    append(log, ['a:1', 'b:1', 'a:2'])
    append(log, ['b', 'c:1'])
    append(log, ['a:3'])
    log.clean(NOW + 100)
    expect(read(log)).toEqual(['3 b deleted', '4 c', '5 a'])
    log.clean(NOW + 600)
    expect([read(log), log.endOffset]).toEqual([['4 c', '5 a'], 6])
    expect(append(log, ['d:1'])).toMatchObject({ baseOffset: 6 })
  })

  test('compaction leaves open transactions alone, and drops the records of aborted ones', () => {
    const log = logOf({ 'cleanup.policy': 'compact' })
    append(log, ['a:1'])
    append(log, ['a:2'], by(1, 0, 0, true))
    log.mark({ producerId: 1, producerEpoch: 0, committed: false }, 0, NOW)
    append(log, ['b:1'], by(2, 0, 0, true))
    append(log, ['b:2'])
    log.clean(NOW)
    const data = log.read(0, log.endOffset, 1e6, true).filter(each => !each.isControl)
    expect(data.flatMap(each => recordsOf(each)).map(({ offset, key }) => `${offset} ${key}`)).toEqual([
      '0 a',
      '3 b',
      '4 b',
    ])
  })
})

test('where the records of an epoch end', () => {
  const log = logOf()
  log.append(batch(['a:1']), 0, NOW)
  log.append(batch(['b:1']), 2, NOW)
  expect(log.epochs.endOf(0, log.endOffset)).toEqual({ epoch: 0, endOffset: 1 })
  expect(log.epochs.endOf(1, log.endOffset)).toEqual({ epoch: 0, endOffset: 1 })
  expect(log.epochs.endOf(2, log.endOffset)).toEqual({ epoch: 2, endOffset: 2 })
})
