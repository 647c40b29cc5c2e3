import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Group } from '../../src/connectors/broker'
import type { Cluster, Producer } from '../../src/connectors/kafka'
import {
  ConnectionError,
  createAdmin,
  createCluster,
  createGroup,
  createProducer,
  ErrorCode,
  ensureTopics,
  newTransactionalId,
  offsetFetch,
  openPlainLedger,
  openTransactionalLedger,
  partitionRange,
  rangeAssignor,
  readPartition,
} from '../../src/connectors/kafka'
import type { Ledger, Membership, OutputRecord } from '../../src/connectors/ledger'
import type { TopicPartition } from '../../src/connectors/source'
import { ContentError, FencedError, InDoubtError, StreamError, UnavailableError } from '../../src/errors'
import { setTopicConfig } from '../../src/ops/topic-config'
import { type KafkaStack, laneKafka, until } from './kafka-stack'

let kafka: KafkaStack
let cluster: Cluster
let producer: Producer
const ledgers: Ledger[] = []
const groups: Group[] = []
const clusters: Cluster[] = []
let runs = 0

beforeAll(async () => {
  kafka = await laneKafka()
  cluster = createCluster(kafka.config)
  producer = createProducer(kafka.config, { sendTimeoutMs: 120_000 })
})

afterEach(async () => {
  await Promise.all(groups.splice(0).map(group => group.leave()))
  await Promise.all(ledgers.splice(0).map(ledger => ledger.close()))
  await Promise.all(clusters.splice(0).map(each => each.disconnect()))
})

afterAll(async () => {
  await producer?.close()
  await cluster?.disconnect()
})

async function job(partitions = 1) {
  const name = `ledger-${++runs}`
  const [from, to] = [`${name}-in`, `${name}-out`]
  await ensureTopics(
    cluster,
    [from, to].map(topic => ({ topic, partitions })),
  )
  return { groupId: name, from, to, at: { topic: from, partition: 0 } }
}

async function open(
  me: Membership,
  partitions: readonly TopicPartition[],
  options: { transactionalId?: string; transactionTimeoutMs?: number; over?: Cluster } = {},
): Promise<Ledger> {
  const { over = cluster, ...rest } = options
  const ledger = await openTransactionalLedger({ cluster: over, groupId: me.groupId, ...rest }, me, partitions)
  ledgers.push(ledger)
  return ledger
}

async function openPlain(me: Membership, partitions: readonly TopicPartition[]): Promise<Ledger> {
  const ledger = await openPlainLedger({ cluster, groupId: me.groupId }, me, partitions)
  ledgers.push(ledger)
  return ledger
}

async function member(groupId: string, topic: string): Promise<Membership> {
  return new Promise(done => {
    const group = createGroup({
      cluster,
      groupId,
      topics: () => [topic],
      assignor: rangeAssignor,
      onRevoke: async () => {},
      onAssigned: (_, membership) => done(membership),
      onLost: () => {},
    })
    groups.push(group)
  })
}

const record = (value: string): OutputRecord => ({
  key: Buffer.from('k'),
  value: Buffer.from(value),
  // Of today: the broker deletes what is older than its retention, and forgets the sequences of producers of old records.
  timestamp: Date.now(),
})

/** What is committed, once the transactions under way have ended. */
async function valuesOf(topic: string, partition = 0, readCommitted = true): Promise<string[]> {
  const found: string[] = []
  const { highWatermark } = await partitionRange({ cluster }, { topic, partition })
  for await (const batch of readPartition({ cluster, readCommitted }, { topic, partition }, 0, highWatermark))
    for (let i = 0; i < batch.count; i++)
      found.push(batch.buffer.toString('utf8', batch.valueStart[i]!, batch.valueEnd[i]!))
  return found
}

/** A cluster whose ends of transactions don't get to the broker any more once `isDead`: a process killed there. */
function diesAtEnd(isDead: () => boolean): Cluster {
  return intercepted((name, send) => (name === 'EndTxn' && isDead() ? new Promise<never>(() => {}) : send()))
}

/** A cluster that loses its connection at each end of a transaction, before the request or after its effect. */
function cutAtEnd(when: 'before' | 'after'): Cluster {
  return intercepted(async (name, send) => {
    if (name !== 'EndTxn') return send()
    if (when === 'after') await send()
    throw new ConnectionError('cut by the test', true, undefined)
  })
}

function intercepted(intercept: (api: string, send: () => Promise<unknown>) => Promise<unknown>): Cluster {
  const own = createCluster(kafka.config)
  clusters.push(own)
  const send = own.send.bind(own)
  own.send = ((node, api, lane) => intercept(api.name, () => send(node, api, lane))) as Cluster['send']
  return own
}

test('offsets, metadata and outputs are committed together and found by the next owner', async () => {
  const { groupId, from, to } = await job(3)
  const me = await member(groupId, from)
  const partitions = [0, 1, 2].map(partition => ({ topic: from, partition }))
  const ledger = await open(me, partitions)
  expect(ledger.starts).toMatchObject(partitions.map(at => ({ ...at, offset: undefined, metadata: '' })))
  await ledger.commit(
    [
      { topic: from, partition: 0, offset: 5, metadata: 'weir:3: what looks like ours' },
      { topic: from, partition: 2, offset: 7 },
    ],
    [
      { topic: to, partition: 1, records: [record('a'), record('b')] },
      { topic: to, partition: 1, records: [record('c')] },
      { topic: to, partition: 2, records: [] },
    ],
  )
  await ledger.commit([{ topic: from, partition: 0, offset: 6, metadata: '{"x":"ö"}' }], [])
  await ledger.commit([], [{ topic: to, partition: 0, records: [record('d')] }])
  await ledger.commit([], [])
  const found = [
    { topic: from, partition: 0, offset: 6, metadata: '{"x":"ö"}' },
    { topic: from, partition: 1, offset: undefined, metadata: '' },
    { topic: from, partition: 2, offset: 7, metadata: '' },
  ]
  expect((await open(me, partitions)).starts).toMatchObject(found)
  expect((await openPlain(me, partitions.slice(0, 1))).starts).toMatchObject([{ offset: 6 }])
  expect([await valuesOf(to, 0), await valuesOf(to, 1), await valuesOf(to, 2)]).toEqual([['d'], ['a', 'b', 'c'], []])
})

/** Says no more than that: the values are too long to print. */
const same = (a: string[], b: string[]) => a.length === b.length && a.every((each, i) => each === b[i])

test('a transaction larger than a record batch and a request may be', async () => {
  const { groupId, from, to, at } = await job(2)
  const me = await member(groupId, from)
  const ledger = await open(me, [at])
  const big = Array.from({ length: 9000 }, (_, i) => ({ ...record(`${i}`), value: Buffer.alloc(1000, `${i}.`) }))
  await ledger.commit(
    [{ ...at, offset: 1 }],
    [0, 1].map(partition => ({ topic: to, partition, records: big })),
  )
  for (const partition of [0, 1])
    expect(
      same(
        await valuesOf(to, partition),
        big.map(each => `${each.value}`),
      ),
    ).toBe(true)
})

test('a topic that takes smaller batches than usual gets them, in order, again and again', async () => {
  const { groupId, from, to, at } = await job()
  await setTopicConfig(cluster, to, { 'max.message.bytes': '20000' })
  const me = await member(groupId, from)
  const sent: string[] = []
  for (const opening of [open, openPlain]) {
    const ledger = await opening(me, [at])
    for (const commit of [1, 2]) {
      const records = Array.from({ length: 1500 }, (_, i) => record(`${commit}.${i}.${'x'.repeat(i % 200)}`))
      await ledger.commit([{ ...at, offset: commit }], [{ topic: to, partition: 0, records }])
      sent.push(...records.map(({ value }) => `${value}`))
    }
  }
  expect(same(await valuesOf(to), sent)).toBe(true)
})

test('a former generation commits nothing', async () => {
  const { groupId, from, to, at } = await job()
  const zombie = await member(groupId, from)
  const ledger = await open(zombie, [at])
  await ledger.commit([{ ...at, offset: 1 }], [{ topic: to, partition: 0, records: [record('kept')] }])
  await groups.splice(0)[0]!.leave()
  const me = await member(groupId, from)
  const late = ledger.commit([{ ...at, offset: 2 }], [{ topic: to, partition: 0, records: [record('zombie')] }])
  await expect(late).rejects.toThrow(FencedError)
  await expect(ledger.commit([], [])).rejects.toThrow(UnavailableError)
  await expect(open(zombie, [at])).rejects.toThrow(FencedError)
  expect((await open(me, [at])).starts).toMatchObject([{ offset: 1 }])
  expect(await valuesOf(to)).toEqual(['kept'])
})

test('a member of a former generation that wakes up fences nobody: it learns first that it is out', async () => {
  const { groupId, from, at } = await job()
  const zombie = await member(groupId, from)
  await groups.splice(0)[0]?.leave()
  const me = await member(groupId, from)
  const living = await open(me, [at], { transactionalId: `${groupId}-same` })
  await expect(open(zombie, [at], { transactionalId: `${groupId}-same` })).rejects.toThrow(FencedError)
  await living.commit([{ ...at, offset: 1 }], [])
  expect((await open(me, [at])).starts).toMatchObject([{ offset: 1 }])
})

test('an epoch that is past is no fencing while the group knows the member', async () => {
  const { groupId, from, at } = await job()
  const me = await member(groupId, from)
  const first = await open(me, [at], { transactionalId: `${groupId}-same` })
  const second = await open(me, [at], { transactionalId: `${groupId}-same` })
  await expect(first.commit([{ ...at, offset: 1 }], [])).rejects.toThrow(UnavailableError)
  await second.commit([{ ...at, offset: 2 }], [])
})

test('a dead owner is fenced by the name on its last commit, long before its transaction times out', async () => {
  const { groupId, from, to, at } = await job()
  const me = await member(groupId, from)
  const first = await open(me, [at])
  await first.commit([{ ...at, offset: 1 }], [])
  // Not one commit of its own: taking over, it has put its name on the offset.
  let killed = false
  const dead = await open(me, [at], { over: diesAtEnd(() => killed), transactionTimeoutMs: 600_000 })
  killed = true
  dead.commit([{ ...at, offset: 2 }], [{ topic: to, partition: 0, records: [record('lost')] }]).catch(() => {})
  const unstable = async () => {
    const node = await cluster.coordinator('group', groupId)
    const { offsets } = await cluster.send(node, offsetFetch(groupId, [at], true))
    return offsets[0]!.errorCode === ErrorCode.UNSTABLE_OFFSET_COMMIT
  }
  // Its output is in the log: what is unstable from here on is that transaction, not the one before.
  const written = () => partitionRange({ cluster }, { topic: to, partition: 0 })
  await until(async () => (await written()).highWatermark > 0, 'its output')
  await until(unstable, 'its open transaction')
  // Without the fence this waits for ten minutes, longer than the test may take.
  expect((await open(me, [at])).starts).toMatchObject([{ offset: 1 }])
  expect(await valuesOf(to)).toEqual([])
})

test('silence at the end of a transaction is in doubt, and the next open learns the truth', async () => {
  const { groupId, from, to, at } = await job()
  const me = await member(groupId, from)
  const transactionalId = newTransactionalId(groupId)
  const first = await open(me, [at], { transactionalId })
  await first.commit([{ ...at, offset: 1 }], [])
  let offset = 1
  for (const when of ['before', 'after'] as const) {
    const faulty = await open(me, [at], { transactionalId, over: cutAtEnd(when), transactionTimeoutMs: 2_000 })
    const outputs = [{ topic: to, partition: 0, records: [record(when)] }]
    await expect(faulty.commit([{ ...at, offset: offset + 1 }], outputs)).rejects.toThrow(InDoubtError)
    if (when === 'after') offset++
    expect((await open(me, [at], { transactionalId })).starts).toMatchObject([{ offset }])
  }
  expect(await valuesOf(to)).toEqual(['after'])
})

test('a record that the topic does not take is told as such', async () => {
  const { groupId, from, to, at } = await job()
  const ledger = await open(await member(groupId, from), [at])
  const large = { ...record(''), value: Buffer.alloc(1_100_000) }
  const failure = ledger.commit([{ ...at, offset: 1 }], [{ topic: to, partition: 0, records: [large] }])
  await expect(failure).rejects.toThrow(ContentError)
  await expect(failure).rejects.toThrow(/max\.message\.bytes/)
  await expect(failure).rejects.toBeInstanceOf(StreamError)
  expect(await valuesOf(to)).toEqual([])
})

test('at least once: outputs, then offsets of the generation', async () => {
  const { groupId, from, to, at } = await job()
  const zombie = await member(groupId, from)
  const ledger = await openPlain(zombie, [at])
  await ledger.commit([{ ...at, offset: 3, metadata: 'm' }], [{ topic: to, partition: 0, records: [record('a')] }])
  await groups.splice(0)[0]!.leave()
  const me = await member(groupId, from)
  await expect(ledger.commit([{ ...at, offset: 4 }], [])).rejects.toThrow(FencedError)
  const next = await openPlain(me, [at])
  expect(next.starts).toMatchObject([{ ...at, offset: 3, metadata: 'm' }])
  expect(await valuesOf(to)).toEqual(['a'])
})

test('a copy in transactions, its workers killed ten times and the broker once: nothing lost, nothing twice', async () => {
  const partitions = 4
  const { groupId, from, to } = await job(partitions)
  let fed = 0
  let feeding = true
  let commits = 0
  const feed = (async () => {
    while (feeding) {
      // Never far ahead of the copy, which on a slow machine would not be done with the rest before the test's end.
      if (fed > 40 * (commits + 20)) {
        await sleep(10)
        continue
      }
      const records = (partition: number) => Array.from({ length: 20 }, (_, i) => record(`${partition}.${fed + i}`))
      await Promise.all([...Array(partitions).keys()].map(each => producer.send(from, each, records(each))))
      fed += 20
      await sleep(10)
    }
  })()
  const workers: ChildProcess[] = []
  let opened = 0
  const complaints: string[] = []
  let kills = 0
  let progress = ''
  const start = () => {
    const entry = resolve(__dirname, 'kafka-copy-worker.ts')
    const args = [
      '-r',
      resolve(__dirname, '../../bin/typescript.cjs'),
      entry,
      kafka.config.brokers[0]!,
      groupId,
      from,
      to,
    ]
    const worker = spawn(process.execPath, args, { cwd: resolve(__dirname, '../..') })
    worker.stdout!.on('data', text => {
      commits += `${text}`.split('committed').length - 1
      opened += `${text}`.split('opened').length - 1
    })
    worker.stderr!.on('data', text => complaints.push(`${text}`))
    workers.push(worker)
  }
  const kill = async () => {
    const worker = workers.shift()!
    const gone = once(worker, 'exit')
    if (!worker.kill('SIGKILL')) throw new Error(`a worker ended by itself: ${complaints.join('')}`)
    await gone
  }
  start()
  try {
    for (; kills < 10; kills++) {
      if (kills % 3 === 1) start()
      const [before, openedBefore] = [commits, opened]
      await until(
        () => opened > openedBefore || commits > before + 3,
        () => `work (${kills} kills, ${commits} commits, ${opened} opened) ${progress}\n${complaints.join('')}`,
      )
      await until(
        () => commits > before + 3 + kills,
        () => `commits (${kills} kills, ${commits} commits, ${opened} opened) ${progress}\n${complaints.join('')}`,
      )
      if (kills === 5) await kafka.restart()
      await kill()
      if (workers.length === 0) start()
    }
    feeding = false
    await feed
    const all = async () => {
      const found = await Promise.all(Array.from({ length: partitions }, (_, partition) => valuesOf(to, partition)))
      progress = `${found.map(values => values.length)} of ${fed}`
      return found.every(values => values.length >= fed) ? found : undefined
    }
    const found = await until<string[][] | undefined>(
      all,
      () => `the whole copy (${kills} kills, ${commits} commits, ${opened} opened) ${progress}\n${complaints.join('')}`,
    )
    for (const [partition, values] of found.entries())
      expect(values).toEqual(Array.from({ length: fed }, (_, i) => `${partition}.${i}`))
    const admin = createAdmin(kafka.config)
    await admin.connect()
    const [described] = (await admin.describeGroups([groupId])).groups
    expect(described!.protocolType).toBe('consumer')
    await admin.disconnect()
  } finally {
    feeding = false
    for (const worker of workers) worker.kill('SIGKILL')
  }
})
