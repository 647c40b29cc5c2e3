import { createBroker, Requester, serveRequests } from '../../src/client'
import { createCluster, ensureTopics } from '../../src/connectors/kafka'
import { log } from '../../src/log'
import { type KafkaStack, laneKafka, until } from './kafka-stack'

let kafka: KafkaStack
beforeAll(async () => {
  kafka = await laneKafka()
})

const nowMs = Date.now

test('programs ask and answer over Kafka: one of two that answer leaves, and Kafka restarts', async () => {
  const cluster = createCluster(kafka.config)
  await ensureTopics(cluster, [
    { topic: 'prices-asked', partitions: 4 },
    { topic: 'prices-told', partitions: 2 },
  ])
  await cluster.disconnect()
  const { brokers } = kafka.config
  const settings = { guarantee: 'at_least_once', sessionTimeoutMs: 6_000, replicationFactor: 1 } as const
  const open = (application: string) => createBroker({ brokers, application, ...settings })
  const servers = ['a', 'b'].map(name => {
    const broker = open('prices')
    const handle = ({ value }: { value: Buffer | null }) => Buffer.from(`${value} costs 7, says ${name}`)
    const server = serveRequests({ broker, topic: 'prices-asked', replyTopics: ['prices-told'], handle, nowMs, log })
    return { server, close: () => server.close().then(() => broker.close()) }
  })
  const broker = open('asking')
  const requester = await Requester.open({
    ...{ broker, requestTopic: 'prices-asked', replyTopic: 'prices-told', timeoutMs: 60_000, nowMs },
  })
  const ask = async (count: number) => {
    const replies = await Promise.all(
      Array.from(
        { length: count },
        async (_, i) => `${await requester.request(Buffer.from(`tea ${i}`), { partition: i % 4 })}`,
      ),
    )
    for (const [i, reply] of replies.entries()) expect(reply).toMatch(`tea ${i} costs 7, says `)
    return new Set(replies.map(reply => reply.at(-1)))
  }
  await until(async () => (await ask(40)).size === 2, 'both to answer')
  await servers[0]!.close()
  expect(await ask(40)).toEqual(new Set(['b']))
  const asked = Promise.all([ask(20), kafka.restart({ downMs: 500 }).then(() => ask(20))])
  expect(await asked).toEqual([new Set(['b']), new Set(['b'])])
  expect(requester.counts.timedOut).toBe(0)
  await requester.close()
  await Promise.all([servers[1]!.close(), broker.close()])
})
