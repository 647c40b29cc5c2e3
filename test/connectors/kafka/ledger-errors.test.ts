import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { ConnectionError, KafkaError } from '../../../src/connectors/kafka/wire/kafka-errors'
import { ledgerError } from '../../../src/connectors/kafka/write/ledger-errors'
import { ContentError, FencedError, InDoubtError, StreamError, UnavailableError } from '../../../src/errors'

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

test('advice that the message has already is not said twice', () => {
  const once = refused(ErrorCode.POLICY_VIOLATION, "a policy of the cluster's owner forbids it")
  expect(once.message.split("a policy of the cluster's owner")).toHaveLength(2)
})
