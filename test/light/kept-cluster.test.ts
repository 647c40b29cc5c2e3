import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ErrorCode } from '../../src/connectors/kafka/protocol/error-codes'
import type { BatchContext } from '../../src/connectors/kafka/protocol/record-batch-encoder'
import { Cluster } from '../../src/light/cluster/cluster'
import { usual } from '../../src/light/light-kafka'
import { LightRegistry } from '../../src/light/light-registry'
import { recordsOf } from '../../src/light/log/batch-records'
import { Folder } from '../../src/light/world/folder'
import { VirtualClock } from '../../src/light/world/virtual-clock'
import { encodeBatch, PLAIN } from '../connectors/kafka/record-batches'

const NOW = 1_800_000_000_000
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-kept-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const keeper = () =>
  new Folder(folder, error => {
    throw error
  })
/** The cluster of the folder as another process finds it: nothing has told the former one to end. */
function found(nodes = 1) {
  const clock = new VirtualClock()
  clock.advance(NOW)
  const cluster = new Cluster({ ...usual, clusterId: 'c', cleanEveryMs: 0 }, clock, keeper())
  for (let id = 1; id <= nodes; id++) cluster.addNode({ id, host: 'h', port: id })
  const create = (name: string, settings: Record<string, string> = {}, partitions = 1, replicas = 1) =>
    cluster.topics.create({ name, partitions, replicas, settings: new Map(Object.entries(settings)) })
  const logOf = (topic: string, partition = 0) => {
    const { log } = cluster.topics.partition(topic, partition) ?? {}
    if (log === undefined) throw new Error(`no partition ${topic}-${partition}`)
    return log
  }
  const append = (topic: string, keys: string, context: BatchContext = PLAIN) => {
    const records = [...keys].map(key => ({ key: Buffer.from(key), value: Buffer.from(key), timestamp: NOW }))
    return logOf(topic).append(
      encodeBatch(records, 0, context),
      cluster.topics.get(topic)!.partitions[0]!.leaderEpoch,
      NOW,
    )
  }
  const read = (topic: string) =>
    logOf(topic)
      .read(0, Number.MAX_SAFE_INTEGER, 1e6, true)
      .flatMap(each => (each.isControl ? [`${each.baseOffset} end`] : recordsOf(each).map(r => `${r.offset} ${r.key}`)))
  return { clock, cluster, create, logOf, append, read }
}
const by = (producerId: number, baseSequence: number, transactional = false): BatchContext => ({
  ...{ producerId, epoch: 0, baseSequence, transactional },
})
const offset = (partition: number, offset: number) => ({
  ...{ topic: 't', partition, offset, leaderEpoch: -1, metadata: 'm' },
})

test('topics are there again with their ids, settings and partitions, and the deleted ones are not', () => {
  const first = found()
  const topic = first.create('t', { 'retention.ms': '5' }, 2)
  first.cluster.topics.grow(topic, 3)
  first.create('gone')
  first.append('gone', 'ab')
  first.cluster.topics.delete(first.cluster.topics.get('gone')!)
  first.cluster.topics.configure(topic, new Map([['cleanup.policy', 'compact']]))
  const { cluster, create, read, append } = found()
  expect(cluster.id).toBe('c')
  expect(cluster.topics.all()).toMatchObject([
    { name: 't', id: topic.id, settings: { given: new Map([['cleanup.policy', 'compact']]) } },
  ])
  expect(cluster.topics.withId(topic.id)?.partitions).toHaveLength(3)
  // Another start makes other ids.
  expect(create('gone').id).not.toBe(topic.id)
  append('gone', 'c')
  expect([read('gone'), found().read('gone')]).toEqual([['0 c'], ['0 c']])
})

test('records are there again, from where the log was cut off, and the offsets go on', () => {
  const { create, append, logOf, cluster } = found()
  create('t')
  append('t', 'ab')
  append('t', 'c')
  logOf('t').truncateBefore(1)
  const second = found()
  expect([second.read('t'), second.logOf('t').startOffset]).toEqual([['0 a', '1 b', '2 c'], 1])
  expect(second.append('t', 'd').baseOffset).toBe(3)
  second.logOf('t').truncateBefore(4)
  const third = found()
  expect([third.read('t'), third.logOf('t').startOffset, third.logOf('t').endOffset]).toEqual([[], 4, 4])
  expect(third.append('t', 'e').baseOffset).toBe(4)
  expect(found().read('t')).toEqual(['4 e'])
  // A leader of another start writes in another epoch.
  expect(cluster.topics.get('t')?.partitions[0]?.leaderEpoch).toBe(0)
  expect(found().cluster.topics.get('t')?.partitions[0]?.leaderEpoch).toBe(4)
})

test('a compacted log has the last record of each key, and knows the sequences of those who wrote', () => {
  const { create, append, logOf } = found()
  create('t', { 'cleanup.policy': 'compact' })
  append('t', 'aba', by(7, 0))
  append('t', 'a', by(7, 3))
  logOf('t').compact({ now: NOW, tombstoneMs: 0, lagMs: 0 })
  const second = found()
  expect(second.read('t')).toEqual(['1 b', '3 a'])
  expect(second.append('t', 'a', by(7, 3))).toMatchObject({ errorCode: 0, baseOffset: 3 })
  expect(second.append('t', 'c', by(7, 5)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  expect(second.append('t', 'c', by(7, 4))).toMatchObject({ errorCode: 0, baseOffset: 4 })
})

test('a batch that was cut off was never answered, and the next one takes its place', () => {
  const { create, append } = found()
  create('t')
  append('t', 'ab')
  const name = join(folder, 'logs', 't-0', '00000000000000000000.log')
  appendFileSync(name, encodeBatch([{ key: null, value: Buffer.from('torn'), timestamp: NOW }], 2).subarray(0, 70))
  const second = found()
  expect(second.read('t')).toEqual(['0 a', '1 b'])
  second.append('t', 'c')
  expect(found().read('t')).toEqual(['0 a', '1 b', '2 c'])
})

test('a batch that was damaged is said to be, and nothing behind it is thrown away', () => {
  const { create, append } = found()
  create('t')
  append('t', 'ab')
  append('t', 'c')
  const name = join(folder, 'logs', 't-0', '00000000000000000000.log')
  const bytes = readFileSync(name)
  bytes[70]! ^= 1
  writeFileSync(name, bytes)
  expect(() => found()).toThrow(/logs\/t-0 is damaged at offset 0, byte 0 .*(checksum|CRC)/i)
  expect(readFileSync(name)).toEqual(bytes)
})

test('zeros behind the last batch are no batch, and other bytes are said to be damage, with what to do', () => {
  const { create, append } = found()
  create('t')
  append('t', 'ab')
  const name = join(folder, 'logs', 't-0', '00000000000000000000.log')
  const { length } = readFileSync(name)
  appendFileSync(name, Buffer.alloc(3_000))
  found().append('t', 'c')
  expect(found().read('t')).toEqual(['0 a', '1 b', '2 c'])
  const whole = readFileSync(name)
  const other = Buffer.alloc(3_000, 7)
  other.writeInt32BE(2_000, 8)
  appendFileSync(name, other)
  expect(() => found()).toThrow(
    `t-0 is damaged at offset 3, byte ${whole.length} of its file: message format 7, which Kafka doesn't have; cut`,
  )
  writeFileSync(name, Buffer.concat([whole, whole.subarray(0, length)]))
  expect(() => found()).toThrow(
    `t-0 is damaged at offset 3, byte ${whole.length} of its file: offset 0 comes twice; cut the file off there to go on`,
  )
})

test('a length that is damaged is no end that was cut off: what follows was answered', () => {
  const { create, append } = found()
  create('t')
  for (const key of 'abc') append('t', key)
  const name = join(folder, 'logs', 't-0', '00000000000000000000.log')
  const bytes = readFileSync(name)
  bytes[9]! ^= 1
  writeFileSync(name, bytes)
  expect(() => found()).toThrow(
    't-0 is damaged at offset 0, byte 0 of its file: a record batch whose length is damaged',
  )
  expect(readFileSync(name)).toEqual(bytes)
})

test('sequences and leaders outlive the batches that told of them', () => {
  const { create, append, logOf } = found()
  for (const name of ['cut', 'compacted']) create(name, name === 'cut' ? {} : { 'cleanup.policy': 'compact' })
  append('cut', 'a', by(7, 0))
  append('compacted', 'a', by(7, 0))
  append('compacted', 'b', by(7, 1))
  append('compacted', 'b')
  logOf('cut').truncateBefore(1)
  logOf('compacted').compact({ now: NOW, tombstoneMs: 0, lagMs: 0 })
  for (let starts = 0; starts < 2; starts++) {
    const again = found()
    expect(again.logOf('cut').epochs.endOf(0, 9).epoch).toBe(0)
    // What was sent before is known again, and no other sequence is taken than the next one.
    expect(again.append('cut', 'a', by(7, 0))).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(again.append('compacted', 'b', by(7, 1))).toMatchObject({ errorCode: 0, baseOffset: 1 })
    expect(again.append('cut', 'c', by(7, 5)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  }
  const last = found()
  expect([last.append('cut', 'c', by(7, 1)), last.append('compacted', 'c', by(7, 2))]).toMatchObject([
    { errorCode: 0, baseOffset: 1 },
    { errorCode: 0, baseOffset: 3 },
  ])
  expect(found().append('cut', 'c', by(7, 1))).toMatchObject({ errorCode: 0, baseOffset: 1 })
})

test('a snapshot is of no use to a log that somebody has cut off', () => {
  const { create, append, logOf } = found()
  create('t')
  append('t', 'a', by(7, 0))
  append('t', 'b', by(7, 1))
  logOf('t').truncateBefore(1)
  writeFileSync(join(folder, 'logs', 't-0', '00000000000000000001.log'), '')
  const second = found()
  expect(second.append('t', 'c', by(7, 0))).toMatchObject({ errorCode: 0, baseOffset: 1 })
  expect(found().append('t', 'c', by(7, 0))).toMatchObject({ errorCode: 0, baseOffset: 1 })
})

test('what else of the folder is damaged is named, with what to do', () => {
  const { create } = found()
  create('t')
  const name = join(folder, 'journal')
  const text = readFileSync(name, 'utf8')
  writeFileSync(name, text.replace(/\["topic"/, '{"topic"'))
  expect(() => found()).toThrow(
    /journal, line \d, is damaged; begin anew with `npm run stack -- reset`, or delete the line$/,
  )
  writeFileSync(name, '')
  expect(() => found()).toThrow(/journal was not written by this version; begin anew/)
  rmSync(name)
  mkdirSync(join(folder, 'logs', 't-0'))
  expect(() => found()).toThrow(/logs has logs, and .*journal, which says what they are, is gone; begin anew/)
})

test('a transaction that is open goes on, and ends by its timeout where nobody ends it', () => {
  const { create, append, logOf, cluster } = found()
  create('t')
  const claim = { transactionalId: 'x', ...cluster.transactions.init('x', 5_000, undefined) }
  cluster.transactions.addPartitions(claim, [{ topic: 't', partition: 0 }])
  append('t', 'a', by(claim.producerId, 0, true))
  const open = found()
  expect([open.logOf('t').stableOffset, open.cluster.transactions.end(claim, true)]).toEqual([0, 0])
  expect([open.logOf('t').stableOffset, open.read('t')]).toEqual([2, ['0 a', '1 end']])
  expect(found().cluster.transactions.get('x')?.state).toBe('CompleteCommit')
  expect(logOf('t').stableOffset).toBe(0)

  const again = found()
  again.cluster.transactions.addPartitions(claim, [{ topic: 't', partition: 0 }])
  again.append('t', 'b', by(claim.producerId, 1, true))
  const left = found()
  left.clock.advance(5_000)
  expect(left.logOf('t').abortedBetween(0, 9)).toEqual([{ producerId: 0, firstOffset: 2, lastOffset: 3 }])
  const after = found()
  expect(after.logOf('t').abortedBetween(0, 9)).toEqual([{ producerId: 0, firstOffset: 2, lastOffset: 3 }])
  expect(after.cluster.transactions.end(claim, true)).toBe(ErrorCode.PRODUCER_FENCED)
  expect(after.cluster.transactions.newProducer().producerId).toBe(1)
})

test('an end that was decided reaches everybody, whom it had reached before too', () => {
  const { create, append, cluster, logOf } = found(2)
  create('t', {}, 2)
  const claim = { transactionalId: 'x', ...cluster.transactions.init('x', 5_000, undefined) }
  cluster.transactions.addPartitions(
    claim,
    [0, 1].map(partition => ({ topic: 't', partition })),
  )
  cluster.transactions.addGroup(claim, 'g')
  cluster.groups.getOrCreate('g').offsets.noteInTransaction(claim.producerId, 0, [offset(0, 5)], NOW)
  append('t', 'a', by(claim.producerId, 0, true))
  // The second partition has no leader: its marker waits.
  cluster.setUp(2, false)
  expect(cluster.transactions.end(claim, true)).toBe(0)
  expect([cluster.transactions.get('x')?.state, logOf('t').stableOffset]).toEqual(['PrepareCommit', 2])
  const second = found(2)
  expect(second.cluster.transactions.get('x')?.state).toBe('CompleteCommit')
  expect(second.logOf('t', 1).endOffset).toBe(1)
  expect(second.cluster.groups.get('g')?.offsets.get('t', 0)?.offset).toBe(5)
  expect(second.logOf('t').stableOffset).toBe(second.logOf('t').endOffset)
})

test('positions of groups are there again, those of open transactions and the generation too', () => {
  const { cluster, create } = found()
  create('t', {}, 6)
  const { offsets } = cluster.groups.getOrCreate('g')
  offsets.note([offset(0, 5), offset(1, 6)])
  offsets.noteInTransaction(3, 1, [offset(1, 7), offset(2, 8)], NOW)
  offsets.delete('t', 0)
  cluster.groups.getOrCreate('gone').offsets.note([offset(0, 1)])
  cluster.groups.delete(cluster.groups.get('gone')!)
  const heard: number[] = []
  cluster.groups.getOrCreate('g').join(
    {
      ...{ memberId: '', instanceId: 'i', clientId: 'm', host: '/h', protocolType: 'consumer', protocols: [] },
      ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000, requiresId: false, maySkipAssignment: true },
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    },
    ({ generationId }) => heard.push(generationId),
  )
  expect(heard).toEqual([1])
  const second = found().cluster
  expect(second.groups.all().map(({ id }) => id)).toEqual(['g'])
  const group = second.groups.getOrCreate('g')
  expect(group).toMatchObject({ state: 'Empty', generationId: 1, protocolType: 'consumer' })
  expect(group.offsets.all()).toEqual([offset(1, 6)])
  expect([1, 2].map(partition => group.offsets.isUnstable('t', partition))).toEqual([true, true])
  expect([...group.offsets.allPending()]).toMatchObject([{ producerId: 3, epoch: 1, since: 0, lastTimestamp: NOW }])
  group.offsets.noteInTransaction(4, 0, [offset(5, 1)], NOW)
  expect([...group.offsets.allPending()].at(-1)?.since).toBe(2)
  group.offsets.endTransaction(3, true)
  expect(found().cluster.groups.get('g')?.offsets.all()).toEqual([offset(1, 7), offset(2, 8)])
})

test('positions in a topic are gone with it, though the process ended before they were', () => {
  const { cluster, create } = found()
  for (const name of ['t', 'other']) create(name)
  const { offsets } = cluster.groups.getOrCreate('g')
  offsets.note([offset(0, 5), { ...offset(0, 6), topic: 'other' }])
  offsets.noteInTransaction(3, 0, [offset(0, 7)], NOW)
  cluster.topics.delete(cluster.topics.get('t')!)
  const second = found()
  second.create('t')
  const left = second.cluster.groups.get('g')?.offsets
  expect([left?.all(), left?.isUnstable('t', 0)]).toEqual([[{ ...offset(0, 6), topic: 'other' }], false])
  left?.endTransaction(3, true)
  expect(left?.get('t', 0)).toBeUndefined()
})

test('a registry has its schemas again, by their ids, and its levels', async () => {
  const open = async () => {
    const registry = await LightRegistry.start(0, '127.0.0.1', keeper())
    await registry.close()
    return registry.subjects
  }
  const schema = (name: string) => ({ schema: JSON.stringify({ type: 'enum', name, symbols: ['A'] }), references: [] })
  const first = await open()
  first.register('a', { type: 'AVRO', ...schema('A') })
  first.register('b', { type: 'AVRO', ...schema('B') })
  first.register('c', { type: 'AVRO', ...schema('B') })
  first.delete('a', undefined, false)
  first.globalLevel = 'FULL'
  first.setLevel('b', 'NONE')
  const second = await open()
  expect([second.names(false), second.names(true)]).toEqual([
    ['b', 'c'],
    ['a', 'b', 'c'],
  ])
  expect([second.levelOf('b'), second.levelOf('c'), second.textOf(1)]).toEqual([
    ...['NONE', 'FULL'],
    { type: 'AVRO', ...schema('A') },
  ])
  expect(second.register('d', { type: 'AVRO', ...schema('C') }).id).toBe(3)
  expect(readdirSync(folder).sort()).toEqual(['journal', 'logs'])
})
