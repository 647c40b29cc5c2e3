import { createBroker } from '../../src/connectors/kafka/kafka-broker'
import { ErrorCode } from '../../src/connectors/kafka/protocol/error-codes'
import { UnavailableError } from '../../src/errors'
import type { Between } from '../../src/light/broker/between'
import { wrongAnswers } from '../faults/weather/wrong-answers'
import { startLight } from './light-stack'

const LIST_OFFSETS = 2

/** Answers every ListOffsets with this code, and has done nothing. */
const refusing =
  (code: number): Between =>
  ({ api, call, body }, reply) => {
    const wrong = api.key === LIST_OFFSETS ? wrongAnswers.get(api.key) : undefined
    if (wrong === undefined) api.handle(body, call, reply)
    else reply(wrong.refuse(body, call.version, code))
  }

test.each([
  ['an error of its own', ErrorCode.UNKNOWN_SERVER_ERROR, true],
  ['that it may not be read', ErrorCode.TOPIC_AUTHORIZATION_FAILED, false],
])('a broker that answers with %s for a while is waited for where that may pass', async (_, code, passes) => {
  const kafka = await startLight({ between: refusing(code) })
  kafka.light.cluster.topics.create({ name: 'in', partitions: 1, replicas: 1, settings: new Map() })
  const options = { application: 'app', guarantee: 'exactly_once', sessionTimeoutMs: 6_000 } as const
  const broker = createBroker({ ...options, brokers: kafka.config.brokers })
  const at = { topic: 'in', partition: 0 }
  const read = async () => {
    for await (const batch of broker.readPartition(at, 0)) throw new Error(`a batch of ${batch.count}`)
  }
  const failures = [await broker.startOffset(at).catch((error: unknown) => error), await read().catch(error => error)]
  expect(failures.map(error => error instanceof UnavailableError)).toEqual([passes, passes])
  await broker.close()
  await kafka.stop()
})
