import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { ConnectionError, KafkaError } from '../../../src/connectors/kafka/wire/kafka-errors'
import { adviceOn, ledgerError, RefusedRecords, spentError } from '../../../src/connectors/kafka/write/ledger-errors'
import { ContentError, FencedError, InDoubtError, StreamError, UnavailableError, UnfitError } from '../../../src/errors'

const refused = (code: number, words?: string) =>
  ledgerError(new KafkaError(code, 'write to t-0', words), 'commit', false)

test.each([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
  'CORRUPT_MESSAGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
] as const)('%s is about a record', name => {
  const error = refused(ErrorCode[name], 'record 3 of the batch: too old')
  expect(error).toBeInstanceOf(ContentError)
  expect(error.message).toContain(`write to t-0: the broker answered ${name} (record 3 of the batch: too old)`)
})

test.each([
  ['TOPIC_AUTHORIZATION_FAILED', 'ACL Write on the topic'],
  ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'ACL Write on the transactional ids'],
  ['GROUP_AUTHORIZATION_FAILED', 'ACL Read on the group'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'ACL IdempotentWrite'],
  ['POLICY_VIOLATION', 'a policy'],
  ['NOT_ENOUGH_REPLICAS', 'min.insync.replicas'],
] as const)('%s is waited for, and says what to do', (name, advice) => {
  const error = refused(ErrorCode[name])
  expect(error).toBeInstanceOf(UnavailableError)
  expect(error.message).toContain(advice)
})

test('only what the group knows to be past is a fencing', () => {
  for (const name of ['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'] as const)
    expect(refused(ErrorCode[name])).toBeInstanceOf(FencedError)
  for (const name of [
    'INVALID_PRODUCER_EPOCH',
    'PRODUCER_FENCED',
    'INVALID_TXN_STATE',
    'INVALID_PRODUCER_ID_MAPPING',
  ] as const)
    expect(refused(ErrorCode[name])).toBeInstanceOf(UnavailableError)
})

test('a code of a later Kafka is waited for, a wrong request is not', () => {
  expect(refused(9999)).toBeInstanceOf(UnavailableError)
  const wrong = refused(ErrorCode.UNSUPPORTED_VERSION)
  expect([wrong instanceof StreamError, wrong instanceof UnavailableError]).toEqual([true, false])
})

test('a lost connection is an outage, or in doubt', () => {
  const lost = new ConnectionError('kafka:9092: EndTxn got no answer', true, undefined)
  expect(ledgerError(lost, 'commit', false)).toBeInstanceOf(UnavailableError)
  expect(ledgerError(lost, 'commit', true)).toBeInstanceOf(InDoubtError)
})

test('where nobody can do anything about it, the message says what the broker answered', () => {
  expect(refused(ErrorCode.ILLEGAL_GENERATION).message).toBe(
    'commit: write to t-0: the broker answered ILLEGAL_GENERATION',
  )
})

test('advice that the message has already is not said twice', () => {
  const once = refused(ErrorCode.POLICY_VIOLATION, "a policy of the cluster's owner forbids it")
  expect(once.message.split("a policy of the cluster's owner")).toHaveLength(2)
})

test('what nobody knows as an error of Kafka is an error of the engine, with its words', () => {
  const error = ledgerError('no error at all', 'commit', false)
  expect([error.constructor, error.message]).toEqual([StreamError, 'commit: no error at all'])
  expect(error.cause).toEqual(new Error('no error at all'))
  expect(ledgerError(error, 'commit', false).message).toBe('commit: no error at all')
})

test('what somebody has to mend stays so, and is about Kafka', () => {
  const cause = new UnfitError('a right is missing')
  const error = ledgerError(cause, 'opening', false)
  expect(error).toBeInstanceOf(UnfitError)
  expect(error).toMatchObject({ message: 'opening: a right is missing', service: 'Kafka', cause })
})

test('what may have happened is in doubt, whatever it was', () => {
  const error = ledgerError(new KafkaError(ErrorCode.INVALID_RECORD, 'commit'), 'commit', true)
  expect(error.constructor).toBe(InDoubtError)
  expect(error.message).toContain('may or may not have happened')
})

describe('records that are refused', () => {
  const record = { key: null, value: null, timestamp: 0 }
  const outputs = (...words: string[]) => words.map(each => ({ topic: 't', record, words: each, isForTime: false }))
  const of = (...words: string[]) => new RefusedRecords(ErrorCode.INVALID_RECORD, outputs(...words), [])

  test.each([
    [['too old'], 'write to t: the broker answered INVALID_RECORD (too old)'],
    [['too old', 'no key'], 'write to t: the broker answered INVALID_RECORD (too old, and 1 more)'],
    [['', 'no key', 'no key'], 'write to t: the broker answered INVALID_RECORD (and 2 more)'],
    [[''], 'write to t: the broker answered INVALID_RECORD'],
  ])('are told by the words of the first: %j', (words, message) => {
    expect(of(...words).message).toBe(message)
  })

  test('are all named, with what can be done', () => {
    const error = ledgerError(of('no key', 'no key'), 'commit', false) as ContentError
    expect(error).toBeInstanceOf(ContentError)
    expect(error.outputs).toHaveLength(2)
    expect(error.message).toContain(`and 1 more): ${adviceOn(ErrorCode.INVALID_RECORD)}`)
    expect(new RefusedRecords(ErrorCode.INVALID_RECORD, [], []).message).toBe(
      'write to : the broker answered INVALID_RECORD',
    )
  })
})

test('a ledger that has thrown before is waited for', () => {
  expect(spentError()).toBeInstanceOf(UnavailableError)
  expect(adviceOn(ErrorCode.NONE)).toBeUndefined()
})
