import { createServer } from 'node:net'
import { createCluster, createGroup, rangeAssignor } from '../../src/connectors/kafka'
import { markCommitter } from '../../src/connectors/kafka/group/committer-mark'
import { offsetCommit } from '../../src/connectors/kafka/protocol/offsets'
import { beginTransaction } from '../../src/connectors/kafka/write/one-transaction'
import { type KafkaStack, laneKafka, until } from '../scenarios/kafka-stack'
import { json, weir } from './weir'

let kafka: KafkaStack
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `k${i % 7}:v${i}`).join('\n')

beforeAll(async () => {
  kafka = await laneKafka()
  process.env.KAFKA_BROKERS = kafka.config.brokers.join(',')
  process.env.SCHEMA_REGISTRY_URL = ''
})

async function topic(name: string, partitions = 1, ...more: string[]): Promise<string> {
  const ran = await weir(['topics', 'create', name, '-p', `${partitions}`, ...more])
  expect([ran.code, ran.stderr]).toEqual([0, `created topic "${name}"\n`])
  return name
}

const fill = (name: string, input: string, ...more: string[]) =>
  weir(['produce', name, '-K', ':', '--value-format', 'text', ...more], input)
const read = async (name: string, ...more: string[]) =>
  (await weir(['consume', name, '-e', '-f', '%p %o %k %s\\n', ...more])).lines

describe('produce and consume', () => {
  test('what goes in comes out, key by key in order, with headers', async () => {
    await topic('round', 4)
    const sent = await fill('round', `${numbered(500)}\n\n`, '-H', 'source=test')
    expect([sent.code, sent.stderr]).toEqual([0, '500 records acknowledged by the broker\n'])
    const lines = await read('round')
    expect(lines.length).toBe(500)
    for (let key = 0; key < 7; key++) {
      const own = lines.map(line => line.split(' ')).filter(cells => cells[2] === `k${key}`)
      expect(new Set(own.map(cells => cells[0])).size).toBe(1)
      expect(own.map(cells => Number(cells[3]!.slice(1)))).toEqual(
        Array.from({ length: own.length }, (_, i) => key + 7 * i),
      )
    }
    const { lines: full } = await weir(['consume', 'round', '-n', '1'])
    expect(JSON.parse(full[0]!)).toMatchObject({
      topic: 'round',
      tstype: 'create',
      broker: 1,
      headers: ['source', 'test'],
    })
  })

  test('a line that does not fit is told by its number and the others are sent', async () => {
    await topic('some')
    const sent = await fill('some', 'a:1\nnothing\nb:2\n')
    expect(sent.code).toBe(1)
    expect(sent.stderr).toContain('line 2: there is no ":" between key and value\n2 records acknowledged')
    expect(await read('some')).toEqual(['0 0 a 1', '0 1 b 2'])
  })

  test('--atomic sends all or none', async () => {
    await topic('atomic', 3)
    const none = await fill('atomic', 'a:1\nb:2\nc\n', '--atomic')
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('1 line refused, so none was sent')])
    expect(await read('atomic')).toEqual([])
    const all = await fill('atomic', numbered(300), '--atomic')
    expect(all.code).toBe(0)
    expect((await read('atomic')).length).toBe(300)
  })

  test('--records copies a topic with keys, headers, times and tombstones', async () => {
    await topic('from', 3)
    await topic('copy', 3)
    await fill('from', 'a:1\nb:\nc:{"x":1}\n', '-Z', '-H', 'h=1')
    const { stdout } = await weir(['consume', 'from', '-e'])
    expect((await weir(['produce', 'copy', '--records', '--keep-partition'], stdout)).code).toBe(0)
    expect((await weir(['consume', 'copy', '-e'])).stdout).toBe(stdout.replaceAll('"topic":"from"', '"topic":"copy"'))
  })

  test('starts at earliest, an offset, the last n, a time, latest', async () => {
    await topic('starts')
    const records = Array.from({ length: 20 }, (_, i) =>
      JSON.stringify({ key: 'k', payload: `${i}`, ts: Date.now() - 60_000 + 1_000 * i }),
    )
    await weir(['produce', 'starts', '--records'], records.join('\n'))
    const from = async (where: string) => (await read('starts', '--offset', where)).length
    const at = JSON.parse(records[12]!).ts
    expect([
      await from('earliest'),
      await from('15'),
      await from('-3'),
      await from(`@${at}`),
      await from('latest'),
    ]).toEqual([20, 5, 3, 8, 0])
    expect(await read('starts', '--offset', '5', '-n', '2')).toEqual(['0 5 k 5', '0 6 k 6'])
    expect(await read('starts', '--filter', 'value >= 18 && key == "k"')).toEqual(['0 18 k 18', '0 19 k 19'])
  })

  test('readers of committed records see no aborted and no open transaction', async () => {
    await topic('transactions')
    const cluster = createCluster(kafka.config)
    const open = []
    for (const end of ['commit', 'abort', 'commit', undefined] as const) {
      const transaction = await beginTransaction(cluster, 'test', 60_000)
      const records = [{ key: null, value: Buffer.from(`${end}`), timestamp: 1_700_000_000_000 }]
      await transaction.send([{ topic: 'transactions', partition: 0, records }])
      if (end === undefined) open.push(transaction)
      else await transaction[end]()
    }
    expect(await read('transactions')).toEqual(['0 0  commit', '0 4  commit'])
    expect((await read('transactions', '--uncommitted')).length).toBe(4)
    const [count] = await json<{ records: number; exact: boolean }[]>(['topics', 'count', 'transactions'])
    expect(count).toMatchObject({ records: 6, exact: false })
    const [exact] = await json<{ records: number; exact: boolean }[]>(['topics', 'count', 'transactions', '--exact'])
    expect(exact).toMatchObject({ records: 2, exact: true })
    for (const transaction of open) await transaction.abort()
    await cluster.disconnect()
  })

  test('a group reads each record once over several commands and its members share', async () => {
    await topic('shared', 4)
    await fill('shared', numbered(400))
    const first = await weir(['consume', 'shared', '-g', 'sharing', '-n', '100', '-f', '%s\\n'])
    const both = await Promise.all([1, 2].map(() => weir(['consume', 'shared', '-g', 'sharing', '-e', '-f', '%s\\n'])))
    const all = [first, ...both].flatMap(ran => ran.lines)
    // At least once: while two share, a record may be read by both.
    expect(new Set(all).size).toBe(400)
    expect(first.lines.length).toBe(100)
    const [group] = await json<{ totalLag: number; state: string }[]>(['groups', 'describe', 'sharing'])
    expect(group).toMatchObject({ totalLag: 0, state: 'Empty' })
  })
})

describe('peek', () => {
  test('shows the last records and what a group sees next, and moves nothing', async () => {
    await topic('peeked', 2)
    await fill('peeked', numbered(60))
    await weir(['consume', 'peeked', '-g', 'peeking', '-n', '25', '-f', '%s\\n'])
    const before = await json(['groups', 'describe', 'peeking'])
    const next = (await weir(['peek', 'peeked', '-g', 'peeking', '-n', '100', '-o', 'ndjson'])).lines.map(line =>
      JSON.parse(line),
    )
    expect(next.length).toBe(35)
    const records = async (...line: string[]) =>
      (await weir([...line, '-o', 'ndjson'])).lines.map(each => JSON.parse(each))
    const all = await records('consume', 'peeked', '-e')
    all.sort((a, b) => a.ts - b.ts || a.partition - b.partition || a.offset - b.offset)
    expect(await records('peek', 'peeked', '-n', '5')).toEqual(all.slice(-5))
    const [one] = (await weir(['peek', 'peeked', '-n', '1', '-p', '1', '-o', 'ndjson'])).lines
    const [{ next: end }] = await json<[{ next: number }]>(['topics', 'offsets', 'peeked', '-p', '1'])
    expect(JSON.parse(one!)).toMatchObject({ partition: 1, offset: end - 1 })
    expect(await json(['groups', 'describe', 'peeking'])).toEqual(before)
  })
})

describe('groups', () => {
  async function committed(group: string, name: string, metadata = ''): Promise<void> {
    const cluster = createCluster(kafka.config)
    await until(async () => {
      const member = { groupId: group, generationId: -1, memberId: '' }
      const node = await cluster.coordinator('group', group)
      const [answer] = await cluster.send(
        node,
        offsetCommit(member, [{ topic: name, partition: 0, offset: 3, metadata }]),
      )
      return answer!.errorCode === 0
    }, 'a commit')
    await cluster.disconnect()
  }

  test('reset is a dry run until --execute, and reads again what it set', async () => {
    await topic('resets', 1)
    await fill('resets', numbered(10))
    await committed('resetting', 'resets')
    const current = async () =>
      (await json<[{ partitions: [{ currentOffset: number }] }]>(['groups', 'describe', 'resetting']))[0].partitions[0]
        .currentOffset
    const dry = await weir(['groups', 'reset', 'resetting', '-t', 'resets', '--to', 'earliest'])
    expect([dry.code, await current()]).toEqual([0, 3])
    expect(dry.stderr).toContain('nothing was changed')
    const done = await weir(['groups', 'reset', 'resetting', '-t', 'resets:0', '--shift-by', '4', '--execute'])
    expect([done.code, done.stderr, await current()]).toEqual([
      0,
      'set 1 offset of "resetting", and read them again\n',
      7,
    ])
    const far = await weir(['groups', 'reset', 'resetting', '--all-topics', '--to', '5000', '--execute'])
    expect([far.stderr.includes('its end was taken: resets-0'), await current()]).toEqual([true, 10])
    expect((await weir(['groups', 'reset', 'nobody', '-t', 'resets', '--to', 'latest'])).code).toBe(3)
    expect((await weir(['groups', 'reset', 'nobody', '-t', 'resets', '--to', '4', '--create', '--execute'])).code).toBe(
      0,
    )
    expect((await weir(['groups', 'reset', 'resetting', '-t', 'resets'])).code).toBe(2)
    expect((await weir(['groups', 'reset', 'resetting', '--to', 'earliest'])).code).toBe(2)
  })

  test("a group in use and a weir topology's own group are refused", async () => {
    await topic('used')
    await fill('used', numbered(10))
    const cluster = createCluster(kafka.config)
    let isMember = false
    const member = createGroup({
      ...{ cluster, groupId: 'in-use', topics: () => ['used'], assignor: rangeAssignor },
      ...{ onRevoke: async () => {}, onLost: () => {} },
      onAssigned: () => {
        isMember = true
      },
    })
    await until(() => isMember, 'a member')
    for (const line of [
      ['groups', 'reset', 'in-use', '-t', 'used', '--to', 'earliest', '--execute'],
      ['groups', 'delete', 'in-use', '--yes'],
    ]) {
      const ran = await weir(line)
      expect([ran.code, ran.stderr]).toEqual([
        4,
        expect.stringContaining('group "in-use" is in use, 1 member consumes with it (Stable)'),
      ])
    }
    await member.leave()
    await cluster.disconnect()
    await committed('own', 'used', markCommitter({ transactionalId: 'own-1', topicId: undefined }, '{}'))
    const own = await weir(['groups', 'reset', 'own', '-t', 'used', '--to', 'earliest', '--execute'])
    expect([own.code, own.stderr]).toEqual([4, expect.stringContaining('use `weir topology reset`')])
    expect((await weir(['groups', 'delete', 'own', '--yes'])).code).toBe(4)
  })

  test('checks for scripts: --max, --require-members', async () => {
    await topic('checked')
    await fill('checked', numbered(10))
    await committed('checking', 'checked')
    expect((await weir(['groups', 'lag', 'checking', '--max', '7'])).code).toBe(0)
    const over = await weir(['groups', 'lag', 'checking', '--max', '6'])
    expect([over.code, over.stderr]).toEqual([5, expect.stringContaining('the lag of "checking" is 7, more than 6')])
    expect((await weir(['groups', 'describe', 'checking'])).code).toBe(0)
    expect((await weir(['groups', 'describe', 'checking', '--require-members'])).code).toBe(5)
  })

  test('delete needs --yes and forgets', async () => {
    await topic('forgotten')
    await committed('forget', 'forgotten')
    expect((await weir(['groups', 'delete', 'forget'])).code).toBe(4)
    const part = await weir(['groups', 'delete', 'forget', '-t', 'forgoten', '--yes'])
    expect([part.code, part.stderr]).toEqual([3, expect.stringContaining('did you mean "forgotten"?')])
    expect((await weir(['groups', 'delete', 'forget', '--yes'])).code).toBe(0)
    expect((await weir(['groups', 'describe', 'forget'])).code).toBe(3)
  })
})

describe('topics', () => {
  test('config changes one setting and leaves the others; what deletes records needs --yes', async () => {
    await topic('configured', 1, '-c', 'max.message.bytes=2000000')
    expect((await weir(['topics', 'config', 'configured', '--set', 'retention.ms=60000'])).code).toBe(4)
    expect((await weir(['topics', 'config', 'configured', '--set', 'retention.ms=60000', '--yes'])).code).toBe(0)
    const own = async () =>
      (await json<{ name: string; value: string; source: string }[]>(['topics', 'config', 'configured']))
        .filter(each => each.source === 'topic')
        .map(each => `${each.name}=${each.value}`)
    expect(await own()).toEqual(['max.message.bytes=2000000', 'retention.ms=60000'])
    await weir(['topics', 'config', 'configured', '--unset', 'retention.ms', '--yes'])
    expect(await own()).toEqual(['max.message.bytes=2000000'])
    const wrong = await weir(['topics', 'config', 'configured', '--set', 'max.mesage.bytes=1'])
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining('did you mean "max.message.bytes"?')])
    expect((await weir(['topics', 'config', 'configured', '--set', 'max.message.bytes=many'])).code).toBe(2)
    expect((await weir(['topics', 'config', 'configured', '--partitions', '3', '--yes'])).code).toBe(0)
    const partitions = async () =>
      (await json<{ topic: string; partitions: number }[]>(['topics', 'list'])).find(
        each => each.topic === 'configured',
      )!.partitions
    expect(await partitions()).toBe(3)
    expect((await weir(['topics', 'config', 'configured', '--partitions', '2', '--yes'])).code).toBe(4)
  })

  test('create, exists, delete', async () => {
    await topic('made')
    expect((await weir(['topics', 'create', 'made'])).code).toBe(4)
    expect((await weir(['topics', 'create', 'made', '--if-not-exists'])).code).toBe(0)
    expect((await weir(['topics', 'create', 'no/name'])).code).toBe(2)
    expect((await weir(['topics', 'create', 'copies', '-r', '5'])).code).toBe(2)
    expect((await weir(['topics', 'delete', 'made'])).code).toBe(4)
    expect((await weir(['topics', 'delete', 'made', 'gone', '--yes'])).code).toBe(3)
    expect((await weir(['topics', 'describe', 'made'])).code).toBe(0)
    expect((await weir(['topics', 'delete', 'made', '--yes'])).code).toBe(0)
    expect((await weir(['topics', 'describe', 'made'])).code).toBe(3)
  })
})

describe('bad input', () => {
  test('an unknown topic is answered with the nearest name', async () => {
    await topic('harbour')
    for (const line of [
      ['consume', 'harbou', '-e'],
      ['peek', 'harbou'],
      ['topics', 'count', 'harbou'],
      ['produce', 'harbou'],
    ]) {
      const ran = await weir(line)
      expect([line[0], ran.code, ran.stderr]).toEqual([
        ...[line[0], 3, 'weir: topic "harbou" does not exist; did you mean "harbour"?\n'],
      ])
    }
    const none = await weir(['consume', 'harbour', '-p', '4', '-e'])
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining('topic "harbour" has 1 partition (0)')])
  })

  test('a broker that refuses and one that never answers are named, in one line, within the timeout', async () => {
    const mute = createServer(() => {})
    await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve))
    const { port } = mute.address() as { port: number }
    for (const [broker, line] of [
      ['127.0.0.1:1', ['topics', 'list']],
      [`127.0.0.1:${port}`, ['topics', 'list']],
      [`127.0.0.1:${port}`, ['groups', 'describe', 'x']],
      [`127.0.0.1:${port}`, ['consume', 'x', '-e']],
    ] as const) {
      const started = performance.now()
      const ran = await weir([...line, '-b', broker, '--timeout', '1s'])
      expect([ran.code, ran.stdout]).toEqual([1, ''])
      expect(ran.stderr).toMatch(new RegExp(`^weir: [^\\n]*${broker}[^\\n]*\\n$`))
      // Without --timeout it would be 10 s.
      expect(performance.now() - started).toBeLessThan(9_500)
    }
    mute.close()
  })

  test.each([
    [['topics', 'offsets', 'harbour', '--at', 'soon']],
    [['consume', 'harbour', '--offset', 'x']],
    [['consume', 'harbour', '--filter', 'value >', '-e']],
    [['consume', 'harbour', '-g', 'g', '-p', '1']],
    [['consume', 'harbour', '-f', '%z', '-e']],
    [['peek', 'harbour', '-n', 'many']],
    [['topics', 'list', '-o', 'xml']],
    [['topics', 'list', '--timeout', 'x']],
    [['topics', 'lst']],
    [['nonsense']],
    [['groups', 'describe']],
  ])('%p is a usage error', async line => {
    expect(await weir(line)).toMatchObject({ code: 2, stdout: '' })
  })
})
