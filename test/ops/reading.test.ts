import { createCluster } from '../../src/connectors/kafka'
import { beginTransaction } from '../../src/connectors/kafka/write/one-transaction'
import { type KafkaStack, laneKafka } from '../scenarios/kafka-stack'
import { weir } from './weir'

let kafka: KafkaStack

beforeAll(async () => {
  kafka = await laneKafka()
  process.env.KAFKA_BROKERS = kafka.config.brokers.join(',')
  process.env.SCHEMA_REGISTRY_URL = ''
})

const made = async (name: string, partitions = 1) =>
  expect((await weir(['topics', 'create', name, '-p', `${partitions}`])).code).toBe(0)

test('the last n are records, not offsets: markers and aborted ones in between do not count', async () => {
  await made('last', 3)
  const cluster = createCluster(kafka.config)
  // Partition 0 ends in 30 aborted transactions, partition 1 in a marker, partition 2 has a single record.
  const write = async (partition: number, end: 'commit' | 'abort', ...values: string[]) => {
    const transaction = await beginTransaction(cluster, 'test', 60_000)
    const records = values.map(value => ({ key: null, value: Buffer.from(value), timestamp: Date.now() }))
    await transaction.send([{ topic: 'last', partition, records }])
    await transaction[end]()
  }
  for (let i = 0; i < 5; i++) await write(0, 'commit', `a${i}`)
  for (let i = 0; i < 30; i++) await write(0, 'abort', 'no', 'no', 'no')
  await write(1, 'commit', 'b0', 'b1', 'b2')
  await write(2, 'commit', 'c0')
  await cluster.disconnect()
  const last = async (count: number, ...more: string[]) => {
    const ran = await weir(['consume', 'last', '--offset', `-${count}`, '-e', '-f', '%s\\n', ...more])
    return ran.lines.toSorted()
  }
  expect(await last(2)).toEqual(['a3', 'a4', 'b1', 'b2', 'c0'])
  expect(await last(100)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'b0', 'b1', 'b2', 'c0'])
  expect(await last(0)).toEqual([])
  expect(await last(1, '-p', '1')).toEqual(['b2'])
  expect(await last(2, '-p', '0', '--uncommitted')).toEqual(['no', 'no'])
})

test('a record that is not what was asked for is named and passed, the others are out, and JSON is whole', async () => {
  await made('mixed')
  await weir(['produce', 'mixed', '--value-format', 'text'], '1\ntext\n2\n')
  const said = 'passed: mixed-0 at offset 1: the 4 bytes are no JSON\nweir: 1 record could not be read\n'
  for (const verb of ['consume -e', 'peek'])
    for (const output of ['ndjson', 'json']) {
      const [name, ...more] = verb.split(' ') as [string, ...string[]]
      const { code, stdout, stderr } = await weir([name, 'mixed', ...more, '--value-format', 'json', '-o', output])
      expect([code, stderr]).toEqual([1, said])
      const records =
        output === 'json'
          ? JSON.parse(stdout)
          : stdout
              .trim()
              .split('\n')
              .map(line => JSON.parse(line))
      expect(records.map((each: { payload: unknown }) => each.payload)).toEqual([1, 2])
    }
  const filtered = await weir([
    'consume',
    'mixed',
    '-e',
    '--value-format',
    'json',
    '--filter',
    'value == 2',
    '-f',
    '%o',
  ])
  expect([filtered.code, filtered.stderr, filtered.stdout]).toEqual([1, said, '2'])
})

test('a record that is nested deeper than a stack ends nothing', async () => {
  await made('deep')
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  await weir(['produce', 'deep', '--value-format', 'text'], `${deep}\n{"a":1}\n`)
  expect((await weir(['peek', 'deep', '-o', 'ndjson'])).lines.map(line => JSON.parse(line).payload)).toEqual([
    deep,
    { a: 1 },
  ])
  expect((await weir(['consume', 'deep', '-e', '-f', '%s\\n'])).lines).toEqual([deep, '{"a":1}'])
  const filtered = await weir(['consume', 'deep', '-e', '--filter', 'value.a == 1 && value =~ /a/', '-f', '%o'])
  expect([filtered.code, filtered.stderr, filtered.stdout]).toEqual([0, '', '1'])
})

test("keys of Java's LongSerializer are read and written with every digit", async () => {
  await made('longs')
  await weir(['produce', 'longs', '-K', ':', '--key-format', 'long'], '7:a\n9223372036854775807:b\n')
  const { stdout } = await weir(['consume', 'longs', '-e', '--key-format', 'long', '-f', '%k %K %s\\n'])
  expect(stdout).toBe('7 8 a\n9223372036854775807 8 b\n')
  expect((await weir(['peek', 'longs', '--key-format', 'long', '-o', 'ndjson'])).stdout).toContain(
    '"key":9223372036854775807,',
  )
  const refused = await weir(['produce', 'longs', '-K', ':', '--key-format', 'long'], 'x:a\n')
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('line 1: "x" is no long (an integer of 64 bits)'),
  ])
})

test('a reset takes a topic that is named twice once', async () => {
  await made('named', 2)
  await weir(['produce', 'named'], 'a\nb\n')
  const plan = ['groups', 'reset', 'named-group', '--create', '-t', 'named', '-t', 'named:1', '--to', 'latest']
  const { code, lines } = await weir([...plan, '-o', 'ndjson'])
  expect([code, lines.map(line => JSON.parse(line).partition)]).toEqual([0, [0, 1]])
})

test('what creates and deletes tells a program what it did', async () => {
  const data = async (...line: string[]) => (await weir([...line, '-o', 'ndjson'])).lines.map(each => JSON.parse(each))
  expect(await data('topics', 'create', 'told')).toEqual([{ topic: 'told', created: true }])
  expect(await data('topics', 'create', 'told', '--if-not-exists')).toEqual([{ topic: 'told', created: false }])
  await weir(['groups', 'reset', 'told-group', '-t', 'told', '--to', 'earliest', '--create', '--execute'])
  const deleted = { group: 'told-group', topic: null, deleted: true }
  expect(await data('groups', 'delete', 'told-group', '--yes')).toEqual([expect.objectContaining(deleted)])
  expect(await data('topics', 'delete', 'told', '--yes')).toEqual([{ topic: 'told', deleted: true }])
  expect(await data('topics', 'delete', 'told', '--yes')).toEqual([])
})

test("deleting a group's offsets of a topic that it has none of says so, not that the topic is gone", async () => {
  await made('other-topic')
  await weir(['groups', 'reset', 'without', '-t', 'mixed', '--to', 'latest', '--create', '--execute'])
  const { code, stderr } = await weir(['groups', 'delete', 'without', '-t', 'other-topic', '--yes'])
  expect([code, stderr]).toEqual([3, 'weir: group "without" has no offset for topic "other-topic"\n'])
})

test('a copy by base64 has the very bytes, Avro with its schema id too', async () => {
  await made('coded')
  await made('coded-copy')
  await weir(['produce', 'coded', '--records'], '{"key":"AAAAAAc=","payload":"AAAAAAcC","base64":["key","payload"]}\n')
  const show = ['-e', '--key-format', 'base64', '--value-format', 'base64']
  const { stdout } = await weir(['consume', 'coded', ...show])
  await weir(['produce', 'coded-copy', '--records'], stdout)
  expect((await weir(['consume', 'coded-copy', ...show])).stdout).toBe(stdout.replace('"coded"', '"coded-copy"'))
  expect(JSON.parse(stdout)).toMatchObject({ key: 'AAAAAAc=', payload: 'AAAAAAcC' })
})
