import type { Cluster } from '../../src/connectors/kafka'
import {
  CoordinatorClient,
  check,
  createCluster,
  createGroup,
  ErrorCode,
  ensureTopics,
  offsetFetch,
  openTransactionalLedger,
  partitionRange,
  rangeAssignor,
  readPartition,
} from '../../src/connectors/kafka'
import { markOffsets } from '../../src/connectors/kafka/group/committer-mark'
import { endHanging } from '../../src/connectors/kafka/group/hanging-offsets'
import { initProducer } from '../../src/connectors/kafka/group/stable-offsets'
import { describeProducers } from '../../src/connectors/kafka/protocol/describe-producers'
import { describeTransactions } from '../../src/connectors/kafka/protocol/describe-transactions'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  txnOffsetCommit,
} from '../../src/connectors/kafka/protocol/transactions'
import { writeTxnMarkers } from '../../src/connectors/kafka/protocol/write-txn-markers'
import { RecordSender } from '../../src/connectors/kafka/write/record-sender'
import type { Ledger, Membership, OutputRecord } from '../../src/connectors/ledger'
import { UnfitError } from '../../src/errors'
import { apacheTools } from '../ops/apache-tools'
import { type KafkaStack, laneKafka, until } from './kafka-stack'
import { hang, losesMarkers } from './world/hanging'

let kafka: KafkaStack
let cluster: Cluster
const closers: (() => Promise<unknown>)[] = []
let runs = 0

beforeAll(async () => {
  kafka = await laneKafka()
  cluster = createCluster(kafka.config)
})

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

afterAll(() => cluster?.disconnect())

interface Job {
  readonly me: Membership
  readonly at: { readonly topic: string; readonly partition: number }
  readonly to: { readonly topic: string; readonly partition: number }
  /** Transactional id of the worker whose transaction hangs. */
  readonly id: string
}

/** A group whose only worker has committed offset 1, and the result `one`. */
async function job(): Promise<Job> {
  const groupId = `hanging-${++runs}`
  const [from, to] = [`${groupId}-in`, `${groupId}-out`]
  await ensureTopics(
    cluster,
    [from, to].map(topic => ({ topic, partitions: 1 })),
  )
  const me = await new Promise<Membership>(done => {
    const group = createGroup({
      ...{ cluster, groupId, topics: () => [from], assignor: rangeAssignor },
      onRevoke: async () => {},
      onAssigned: (_, membership) => done(membership),
      onLost: () => {},
    })
    closers.push(() => group.leave())
  })
  const found = { me, at: { topic: from, partition: 0 }, to: { topic: to, partition: 0 }, id: `${groupId}-worker` }
  const worker = await open(found, found.id)
  await worker.commit([{ ...found.at, offset: 1 }], [{ ...found.to, records: [record('one')] }])
  return found
}

async function open({ me, at }: Job, transactionalId: string, over = cluster): Promise<Ledger> {
  const ledger = await openTransactionalLedger({ cluster: over, groupId: me.groupId, transactionalId }, me, [at])
  closers.push(() => ledger.close())
  return ledger
}

const record = (value: string): OutputRecord => ({ key: null, value: Buffer.from(value), timestamp: Date.now() })

type How = 'committed' | 'aborted' | 'timed out'

/** A worker has written offset 2 and the result `two`, and that has ended: nobody but the coordinator hears of it. */
async function hangs({ me, at, to, id: worker }: Job, how: How, transactionalId = worker, notes = true): Promise<void> {
  const id = await initProducer(cluster, 'hang', transactionalId, how === 'timed out' ? 500 : 10_000)
  const coordinator = new CoordinatorClient(cluster, 'transaction', transactionalId, 'hang')
  const options = { deadline: performance.now() + 10_000 }
  await coordinator.call(addPartitionsToTxn(id, [to]), answer => answer, options)
  await coordinator.call(addOffsetsToTxn(id, me.groupId), answer => [answer], options)
  const offsets = markOffsets([{ ...at, offset: 2 }], transactionalId, () => undefined)
  await hang(kafka.config, transactionalId, {
    async end() {
      if (how !== 'timed out') await coordinator.call(endTxn(id, how === 'committed'), answer => [answer], options)
      const ended = async () => (await stateOf(transactionalId)).startsWith('Complete')
      await until(ended, 'its end')
    },
    async write() {
      // A broker that has just been told not to verify may do so for a moment.
      const taken = async () => {
        const [answer] = await cluster.send(
          await cluster.coordinator('group', me.groupId),
          txnOffsetCommit(id, me, offsets),
        )
        return answer!.errorCode === ErrorCode.NONE
      }
      if (notes) await until(taken, 'the offset')
      // A sender that was refused is spent.
      const sender = () => new RecordSender(cluster, 'hang', { acks: -1, timeoutMs: 10_000 })
      const written = () => sender().send(id, [{ ...to, records: [record('two')] }], options.deadline)
      await until(() => written().catch(() => undefined), 'the result')
    },
  })
  expect(await isUnstable(me, at)).toBe(notes)
}

async function stateOf(transactionalId: string): Promise<string> {
  const node = await cluster.coordinator('transaction', transactionalId)
  const [found] = await cluster.send(node, describeTransactions([transactionalId]))
  return found!.state
}

async function isUnstable({ groupId }: Membership, at: Job['at']): Promise<boolean> {
  const { offsets } = await cluster.send(await cluster.coordinator('group', groupId), offsetFetch(groupId, [at], true))
  return offsets[0]!.errorCode === ErrorCode.UNSTABLE_OFFSET_COMMIT
}

/** What readers of committed records get, up to the last one that there is. */
async function valuesOf(at: Job['to']): Promise<string[]> {
  const found: string[] = []
  const { highWatermark } = await partitionRange({ cluster }, at)
  for await (const batch of readPartition({ cluster, readCommitted: true }, at, 0, highWatermark))
    for (let i = 0; i < batch.count; i++)
      found.push(batch.buffer.toString('utf8', batch.valueStart[i]!, batch.valueEnd[i]!))
  return found
}

// After a marker by which the coordinator fences, a broker takes nothing late.
const ends: readonly How[] = losesMarkers ? ['committed', 'aborted', 'timed out'] : ['committed', 'aborted']
const successors = ['another worker', 'the worker itself']

test.each(ends.flatMap(how => successors.map(who => [how, who] as const)))(
  'a transaction that was %s and hangs is ended as it was decided, by %s',
  async (how, who) => {
    const given = await job()
    await hangs(given, how)
    await goesOn(given, how, who === 'the worker itself' ? given.id : `${given.id}-next`)
  },
)

test.each(ends)('so is one that was %s of a worker whose name is on no offset yet', async how => {
  const given = await job()
  await hangs(given, how, `${given.id}-unheard-of`)
  await goesOn(given, how, `${given.id}-next`)
})

test('a result of an aborted transaction that has noted no offsets yet is not committed by the next one of its worker', async () => {
  const given = await job()
  await hangs(given, 'aborted', given.id, false)
  await goesOn(given, 'aborted', given.id)
})

async function goesOn(given: Job, how: How, id: string): Promise<void> {
  const next = await open(given, id)
  expect(next.starts).toMatchObject([{ offset: how === 'committed' ? 2 : 1 }])
  await next.commit([{ ...given.at, offset: 3 }], [{ ...given.to, records: [record('three')] }])
  expect(await valuesOf(given.to)).toEqual(how === 'committed' ? ['one', 'two', 'three'] : ['one', 'three'])
}

type Command = { readonly args: string[]; readonly topic: string; readonly partition: number; readonly offset: number }

/** The commands that a message names. */
const commandsOf = (message: string): Command[] =>
  [...message.matchAll(/(abort --topic (\S+) --partition (\d+) --start-offset (\d+))/g)].map(found => ({
    args: found[1]!.split(' '),
    ...{ topic: found[2]!, partition: Number(found[3]), offset: Number(found[4]) },
  }))

/** Runs them by Apache's tool; without Java, as that does it. */
async function run(commands: readonly Command[]): Promise<void> {
  if (losesMarkers) {
    for (const command of commands) await abort(command)
    return
  }
  const tools = await apacheTools(kafka.config.brokers.join(','))
  closers.push(async () => tools.stop())
  for (const { args } of commands) await tools.run('TransactionsCommand', ...args)
}

async function abort({ topic, partition, offset }: Command): Promise<void> {
  const node = await cluster.leader(topic, partition)
  const [found] = await cluster.send(node, describeProducers([{ topic, partition }]))
  const { producerId, epoch, coordinatorEpoch } = found!.producers.find(each => each.openSince === offset)!
  const marker = { producerId, epoch, committed: false, coordinatorEpoch: Math.max(0, coordinatorEpoch) }
  const [answer] = await cluster.send(node, writeTxnMarkers(marker, [{ topic, partition }]))
  check(answer!.errorCode, topic)
}

test('where the coordinator has forgotten how it ended nothing is guessed: the error has the commands, after which all goes on', async () => {
  const given = await job()
  await hangs(given, 'aborted')
  // Another program has taken the id before anybody could ask.
  await initProducer(cluster, 'hang', given.id, 10_000)
  const refused: unknown = await open(given, `${given.id}-next`).catch(error => error)
  expect(refused).toBeInstanceOf(UnfitError)
  const { message } = refused as UnfitError
  expect(message).toContain(`kafka-transactions.sh --bootstrap-server ${kafka.config.brokers.join(',')} abort --topic `)
  expect(await isUnstable(given.me, given.at)).toBe(true)
  const commands = commandsOf(message)
  expect(commands.map(({ topic }) => topic)).toEqual([given.to.topic, '__consumer_offsets'])
  await run(commands)
  const next = await open(given, `${given.id}-next`)
  expect(next.starts).toMatchObject([{ offset: 1 }])
  expect(await valuesOf(given.to)).toEqual(['one'])
})

test('without the right to write markers the error says how it was decided, which right is missing, and the commands', async () => {
  const given = await job()
  await hangs(given, 'aborted')
  const forbidden = createCluster(kafka.config)
  closers.push(() => forbidden.disconnect())
  const send = forbidden.send.bind(forbidden)
  const refuse = [{ ...given.to, errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }]
  forbidden.send = ((node, api, lane) =>
    api.name === 'WriteTxnMarkers' ? Promise.resolve(refuse) : send(node, api, lane)) as Cluster['send']
  const refused: unknown = await open(given, `${given.id}-next`, forbidden).catch(error => error)
  expect(refused).toBeInstanceOf(UnfitError)
  const { message } = refused as UnfitError
  expect(message).toContain(
    'it was aborted, and weir says so there itself as soon as its user has the ACL Alter on the cluster',
  )
  expect(commandsOf(message)).toHaveLength(2)
})

test('a transaction that may be under way is left alone, and told', async () => {
  const { me, at, id: transactionalId } = await job()
  const id = await initProducer(cluster, 'hang', transactionalId, 60_000)
  const options = { deadline: performance.now() + 10_000 }
  const coordinator = new CoordinatorClient(cluster, 'transaction', transactionalId, 'hang')
  const group = new CoordinatorClient(cluster, 'group', me.groupId, 'hang')
  await coordinator.call(addOffsetsToTxn(id, me.groupId), answer => [answer], options)
  await group.call(txnOffsetCommit(id, me, [{ ...at, offset: 2 }]), answer => answer, options)
  const seen = await endHanging(cluster, me.groupId)
  expect(seen).toContain(
    `a transaction of producer id ${id.producerId}, epoch ${id.epoch}, is open in __consumer_offsets-`,
  )
  expect(await isUnstable(me, at)).toBe(true)
  await coordinator.call(endTxn(id, true), answer => [answer], options)
})
