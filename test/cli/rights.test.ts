import { ErrorCode } from '../../src/connectors/kafka/protocol/error-codes'
import type { Cluster } from '../../src/ops/cluster'
import { RefusedError } from '../../src/ops/errors'
import { requireTopic, throwRefusal } from '../../src/ops/topics'

const denied: Pick<Cluster, 'metadata'> = {
  metadata: async topics =>
    topics.map(topic => ({
      ...{ topic, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, internal: false, partitions: [], rights: 0 },
      id: '',
    })),
}

test('a topic that this user may not see is not said to be missing', async () => {
  const found = requireTopic(denied as Cluster, 'secret')
  await expect(found).rejects.toThrow(RefusedError)
  await expect(found).rejects.toThrow(/lacks the right Describe on topic "secret".*--operation Describe --topic secret/)
})

test('what the broker refuses for want of rights names the operation', () => {
  const refuse = () =>
    throwRefusal(
      'create topic "t"',
      { name: 't', errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, detail: null },
      'Create',
    )
  expect(refuse).toThrow(RefusedError)
  expect(refuse).toThrow(/can't create topic "t": this user lacks the right Create/)
})
