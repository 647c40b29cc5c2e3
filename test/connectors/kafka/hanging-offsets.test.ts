import { endHanging, endOwnHanging } from '../../../src/connectors/kafka/group/hanging-offsets'
import { takeProducer } from '../../../src/connectors/kafka/group/transaction-ends'
import { ErrorCode } from '../../../src/connectors/kafka/protocol/error-codes'
import { UnfitError } from '../../../src/errors'
import { log } from '../../../src/log'
import { ACluster, described, noAnswer, openProducer } from './a-cluster'
import { OwnTime } from './own-time'

/** Where the offsets of group `g` are, of 50 partitions. */
const place = '__consumer_offsets-3'

let kafka: ACluster
beforeEach(() => {
  new OwnTime().install()
  jest.spyOn(log, 'warn').mockImplementation(() => undefined)
  kafka = new ACluster()
  kafka.topics.set('__consumer_offsets', { partitions: 50, internal: true })
  kafka.topics.set('out', { partitions: 3 })
})
afterEach(() => jest.restoreAllMocks())

/** Fences the holder of an id, whose producer was 7; its last transaction had that epoch and end. */
async function fence(state: string, { epoch = 0, below = 1, startedAt = 4_900 } = {}): Promise<void> {
  kafka.next('DescribeTransactions', [described({ state, epoch, startedAt })])
  kafka.next('InitProducerId', { errorCode: 0, producerId: 7, epoch: below })
  await takeProducer(kafka.cluster, 'lane', 'x', 1_000)
  kafka.asked.length = 0
}
const end = () => endHanging(kafka.cluster, 'g')
/** Each marker that was written: where, and what it says. */
const markers = () =>
  kafka
    .requests('WriteTxnMarkers')
    .flatMap(({ markers: [{ topics, ...marker }] }) =>
      topics.flatMap(({ name, partitionIndexes }: { name: string; partitionIndexes: number[] }) =>
        partitionIndexes.map(partition => ({ at: `${name}-${partition}`, ...marker })),
      ),
    )
const placesOfMarkers = () => markers().map(({ at }) => at)
const unfitOf = (ending: Promise<unknown>): Promise<UnfitError> =>
  ending.then(
    () => Promise.reject(new Error('all was fit')),
    (error: UnfitError) => error,
  )

describe('what hangs in the offsets of a group', () => {
  it('is looked for in its own partition of them', async () => {
    expect(await end()).toBeUndefined()
    expect(kafka.requests('DescribeProducers')).toMatchObject(
      Array(2).fill({ topics: [{ name: '__consumer_offsets', partitionIndexes: [3] }] }),
    )
    expect(kafka.asked.every(({ node }) => node === 2)).toBe(true)
  })

  it('is ended as it was decided, by the marker that its coordinator would have written', async () => {
    await fence('CompleteCommit')
    kafka.producers.set(place, [openProducer()])
    expect(await end()).toBeUndefined()
    expect(markers()).toEqual([
      { at: place, producerId: 7, producerEpoch: 0, transactionResult: true, coordinatorEpoch: 3 },
    ])
  })

  it('has the first epoch of a coordinator where it has no marker yet, and the epoch of its end', async () => {
    await fence('CompleteAbort', { epoch: 1, below: 2 })
    kafka.producers.set(place, [openProducer({ coordinatorEpoch: -1 })])
    expect(await end()).toBeUndefined()
    expect(markers()).toMatchObject([{ producerEpoch: 1, transactionResult: false, coordinatorEpoch: 0 }])
  })

  it('is ended everywhere else first, and nothing is that another transaction has open', async () => {
    await fence('CompleteCommit')
    kafka.producers.set(place, [openProducer()])
    kafka.producers.set('out-0', [openProducer({ openSince: 8 }), openProducer({ producerId: 8 })])
    kafka.producers.set('out-1', [openProducer({ epoch: 1 })])
    kafka.producers.set('out-2', [openProducer({ openSince: -1 })])
    expect(await end()).toBeUndefined()
    expect(placesOfMarkers()).toEqual(['out-0', place])
    expect(markers()[0]).toMatchObject({ producerId: 7 })
  })

  it('is waited for while its coordinator says that it is under way, or knows nothing of it', async () => {
    kafka.producers.set(place, [openProducer(), openProducer({ producerId: 9, openSince: 50 })])
    const says = await end()
    expect(says).toContain(`producer id 7, epoch 0, is open in ${place} since offset 40; `)
    expect(says).toContain(`producer id 9, epoch 0, is open in ${place} since offset 50; whether it hangs in ${place}`)
    expect(markers()).toEqual([])
  })

  it('is no transaction that has begun in between', async () => {
    await fence('CompleteCommit')
    kafka.producers.set(place, [openProducer()])
    kafka.next('DescribeProducers', 0, () => {
      kafka.producers.set(place, [openProducer({ openSince: 60 })])
      return 0
    })
    expect(await end()).toContain('since offset 60')
    expect(markers()).toEqual([])
  })

  it('is no transaction of a holder that was not fenced: its coordinator is asked', async () => {
    await fence('CompleteCommit', { epoch: 0, below: 1 })
    kafka.producers.set(place, [openProducer({ epoch: 1 })])
    expect(await end()).toContain('epoch 1, is open')
    expect(kafka.names).toContain('ListTransactions')
    expect(markers()).toEqual([])
  })

  it('is not asked about where its holder was fenced', async () => {
    await fence('CompleteCommit')
    kafka.producers.set(place, [openProducer()])
    await end()
    expect(kafka.names).not.toContain('ListTransactions')
  })

  it('needs somebody who knows how it was decided, where that was forgotten', async () => {
    await fence('Empty')
    kafka.producers.set(place, [openProducer()])
    kafka.producers.set('out-0', [openProducer({ openSince: 8 })])
    const error = await unfitOf(end())
    expect(error).toBeInstanceOf(UnfitError)
    expect(error.service).toBe('Kafka')
    expect(error.message).toContain('--topic out --partition 0 --start-offset 8 && kafka-transactions.sh')
    expect(error.message).toContain('--topic __consumer_offsets --partition 3 --start-offset 40')
    expect(markers()).toEqual([])
  })

  it('needs the right to see where else it hangs', async () => {
    await fence('CompleteCommit')
    kafka.producers.set(place, [openProducer()])
    const open = (errorCode: number, topic: string) => [{ topic, partition: 0, errorCode, producers: [] }]
    kafka.says('DescribeProducers', ({ request }: { request: { topics: { name: string }[] } }) =>
      request.topics[0]?.name === 'out' ? open(ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'out') : 0,
    )
    const error = await unfitOf(end())
    expect(error).toBeInstanceOf(UnfitError)
    expect(error).toMatchObject({ service: 'Kafka' })
    expect(error.message).toContain('the ACL Read on out')
    expect(markers()).toEqual([])
  })

  it('needs the right to write markers; an aborted one may be ended by hand as well', async () => {
    for (const [state, isByHand] of [
      ['CompleteCommit', false],
      ['CompleteAbort', true],
    ] as const) {
      await fence(state)
      kafka.producers.set(place, [openProducer()])
      kafka.says('WriteTxnMarkers', ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
      const error = await unfitOf(end())
      expect(error).toBeInstanceOf(UnfitError)
      expect(error).toMatchObject({ service: 'Kafka', cause: { type: 'CLUSTER_AUTHORIZATION_FAILED' } })
      expect(error.message).toContain(isByHand ? 'it was aborted' : 'it was committed')
      expect(error.message).toContain('the ACL Alter on the cluster')
      expect(error.message.includes('abort --topic')).toBe(isByHand)
    }
  })

  it('is marked once the leader is there again; its former one is forgotten', async () => {
    await fence('CompleteCommit')
    kafka.producers.set(place, [openProducer()])
    kafka.next('WriteTxnMarkers', ErrorCode.NOT_LEADER_OR_FOLLOWER, noAnswer())
    expect(await end()).toBeUndefined()
    expect(placesOfMarkers()).toEqual([place, place, place])
    expect(kafka.forgotten.filter(topic => topic === '__consumer_offsets')).toHaveLength(2)
  })

  it.each([
    ['for what waiting does not cure', ErrorCode.INVALID_REQUEST, 'INVALID_REQUEST'],
    ['without an answer for the partition', [], 'UNKNOWN_SERVER_ERROR'],
  ])('is not ended by a marker that is refused %s', async (_, answer, type) => {
    await fence('CompleteCommit')
    kafka.producers.set(place, [openProducer()])
    kafka.says('WriteTxnMarkers', answer)
    await expect(end()).rejects.toMatchObject({ type })
    expect(kafka.requests('WriteTxnMarkers')).toHaveLength(1)
  })

  it('is not seen without the right to the offsets: then it is said how to see it', async () => {
    kafka.says('DescribeProducers', ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    expect(await end()).toContain(`whether it hangs in ${place} is shown by: kafka-transactions.sh`)
    kafka.topics.set('__consumer_offsets', { partitions: 0, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
    expect(await end()).toContain('whether it hangs in __consumer_offsets is shown by')
    kafka.topics.delete('__consumer_offsets')
    await expect(end()).rejects.toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION' })
    kafka.says('DescribeProducers', [])
    kafka.topics.set('__consumer_offsets', { partitions: 50 })
    expect(await end()).toContain(`whether it hangs in ${place}`)
    kafka.next('DescribeProducers', 0, [])
    expect(await end()).toBeUndefined()
  })
})

describe('what hangs of a producer that is going to write on', () => {
  const endOwn = () => endOwnHanging(kafka.cluster, 'g', 7)

  it('is nothing where it was not fenced, or had committed', async () => {
    await endOwn()
    await fence('Empty')
    await endOwn()
    await fence('CompleteCommit')
    kafka.producers.set('out-0', [openProducer()])
    await endOwn()
    expect(kafka.asked).toEqual([])
  })

  it('is aborted wherever it is, in the offsets last', async () => {
    await fence('CompleteAbort', { epoch: 1, below: 2 })
    kafka.producers.set(place, [openProducer({ epoch: 1 })])
    // Under the epoch before: the coordinator had aborted it by itself.
    kafka.producers.set('out-0', [openProducer({ producerId: 8, epoch: 1 }), openProducer()])
    kafka.producers.set('out-1', [openProducer({ epoch: 2 })])
    await endOwn()
    expect(placesOfMarkers()).toEqual(['out-0', place])
    expect(markers()[0]).toMatchObject({ producerId: 7, producerEpoch: 1, transactionResult: false })
  })

  it('is nothing of transactions long past, whose end is not known', async () => {
    await fence('CompleteAbort', { epoch: 4, below: 5 })
    kafka.producers.set('out-0', [openProducer({ epoch: 2 })])
    await endOwn()
    expect(markers()).toEqual([])
  })

  it('is nothing of the epoch that it has now', async () => {
    await fence('CompleteAbort', { epoch: 1, below: 1 })
    kafka.producers.set('out-0', [openProducer({ epoch: 1 })])
    await endOwn()
    expect(markers()).toEqual([])
  })

  it('is aborted in the topics where the offsets may not be seen', async () => {
    await fence('CompleteAbort')
    kafka.topics.set('__consumer_offsets', { partitions: 0, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
    kafka.producers.set('out-0', [openProducer()])
    await endOwn()
    expect(placesOfMarkers()).toEqual(['out-0'])
  })

  it('stops nobody who can not look, and says what is missing where it must be ended', async () => {
    await fence('CompleteAbort')
    kafka.producers.set('out-0', [openProducer()])
    kafka.next('DescribeProducers', ErrorCode.NOT_LEADER_OR_FOLLOWER, noAnswer())
    await endOwn()
    await endOwn()
    expect(markers()).toEqual([])
    kafka.says('WriteTxnMarkers', ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    await expect(endOwn()).rejects.toBeInstanceOf(UnfitError)
    kafka.says('DescribeProducers', new TypeError('a fault'))
    await expect(endOwn()).rejects.toBeInstanceOf(TypeError)
  })
})
