import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import './on-light'
import { json, weir } from '../ops/weir'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-verbs-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function filled(topic: string, partitions: number, records: number): Promise<void> {
  expect((await weir(['topics', 'create', topic, '-p', `${partitions}`])).code).toBe(0)
  const lines = Array.from({ length: records }, (_, i) =>
    JSON.stringify({ payload: `v${i}`, partition: i % partitions }),
  )
  const sent = await weir(['produce', topic, '--records', '--keep-partition'], lines.join('\n'))
  expect(sent.code).toBe(0)
}
const values = async (...line: string[]) => (await weir(['consume', ...line, '-e', '-f', '%t %p %s\\n'])).lines

test('cluster shows the brokers and their sums, and checks them', async () => {
  await filled('seen', 3, 3)
  const found = await json<{ brokers: object[]; topics: number; partitions: number }>(['cluster'])
  expect(found).toMatchObject({ topics: 1, partitions: 3, underReplicated: 0, leaderless: 0 })
  expect(found.brokers).toEqual([expect.objectContaining({ id: 1, controller: true, outOfSync: 0 })])
  const shown = await weir(['cluster', '--require-healthy'])
  expect([shown.code, shown.stderr]).toEqual([0, ''])
  expect(shown.lines[0]).toMatch(/1 broker, 1 topic, 3 partitions$/)
  expect(shown.lines[1]).toMatch(/^BROKER +ADDRESS +CONTROLLER/)
})

describe('topics delete-records', () => {
  const firsts = async (topic: string) =>
    (await json<{ first: number }[]>(['topics', 'offsets', topic])).map(({ first }) => first)

  test('shows what would go, and takes it away with --yes', async () => {
    await filled('cut', 2, 20)
    const line = ['topics', 'delete-records', 'cut', '--before', '-3']
    const dry = await weir(line)
    expect([dry.code, dry.stderr, await firsts('cut')]).toEqual([
      0,
      expect.stringContaining('this would delete 14 offsets'),
      [0, 0],
    ])
    expect((await weir([...line, '--yes'])).stderr).toBe('deleted 14 offsets of "cut"\n')
    expect(await firsts('cut')).toEqual([7, 7])
    expect([...(await values('cut'))].sort()).toEqual([14, 16, 18, 15, 17, 19].map(n => `cut ${n % 2} v${n}`))
    await weir(['topics', 'delete-records', 'cut', '--before', '9', '-p', '1', '--yes'])
    expect(await firsts('cut')).toEqual([7, 9])
    await weir(['topics', 'delete-records', 'cut', '--before', 'latest', '--yes'])
    expect(await firsts('cut')).toEqual([10, 10])
  })

  test('a compacted topic is refused with what to do instead', async () => {
    await weir(['topics', 'create', 'compacted', '-c', 'cleanup.policy=compact'])
    await weir(['produce', 'compacted', '-k', 'a'], 'x\ny\n')
    const ran = await weir(['topics', 'delete-records', 'compacted', '--before', 'latest', '--yes'])
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('write a record with the key and no value')])
    expect((await weir(['topics', 'delete-records', 'compacted'])).code).toBe(2)
    expect((await weir(['topics', 'delete-records', 'compactd', '--before', '1'])).code).toBe(3)
  })
})

describe('groups export and import', () => {
  const offsets = async (group: string) =>
    (await json<[{ partitions: { currentOffset: number }[] }]>(['groups', 'describe', group]))[0].partitions.map(
      ({ currentOffset }) => currentOffset,
    )
  const reset = (group: string, to: string) =>
    weir(['groups', 'reset', group, '-t', 'kept', '--to', to, '--create', '--execute'])
  const file = (text: string) => {
    const path = join(folder, 'offsets.csv')
    writeFileSync(path, text)
    return path
  }

  test('what is exported is put back, of one group and of several', async () => {
    await filled('kept', 2, 20)
    await reset('one', '4')
    await reset('two, "quoted"', '6')
    const { stdout } = await weir(['groups', 'export', 'one'])
    expect(stdout).toBe('kept,0,4\nkept,1,4\n')
    await reset('one', 'latest')
    const dry = await weir(['groups', 'import', file(stdout), '-g', 'one'])
    expect([dry.code, dry.stderr, await offsets('one')]).toEqual([
      0,
      expect.stringContaining('nothing was changed'),
      [10, 10],
    ])
    expect((await weir(['groups', 'import', file(stdout), '-g', 'one', '--execute'])).code).toBe(0)
    expect(await offsets('one')).toEqual([4, 4])

    const both = (await weir(['groups', 'export', 'one', 'two, "quoted"'])).stdout
    expect(both.split('\n')[2]).toBe('"two, ""quoted""",kept,0,6')
    for (const group of ['one', 'two, "quoted"']) await reset(group, 'earliest')
    const done = await weir(['groups', 'import', file(both), '--execute'])
    expect([done.code, await offsets('one'), await offsets('two, "quoted"')]).toEqual([0, [4, 4], [6, 6]])
  })

  test.each([
    ['kept,0,4', [], 2, 'the file names no group'],
    ['one,kept,0,4', ['-g', 'one'], 2, 'leave --group out'],
    ['kept,0', ['-g', 'one'], 2, 'line 1 is no "topic,partition,offset"'],
    ['kept,0,1\nkept,x,4', ['-g', 'one'], 2, 'line 2'],
    ['', ['-g', 'one'], 2, 'there are no offsets in it'],
    ['kept,0,4', ['-g', 'nobody'], 3, 'group "nobody" does not exist'],
    ['kept,7,4', ['-g', 'one'], 3, 'topic "kept" has 2 partitions'],
    ['gone,0,4', ['-g', 'one'], 3, 'topic "gone" does not exist'],
  ])('the file %j with %j is refused, and nothing changed', async (text, more, code, reason) => {
    const before = await offsets('one')
    const ran = await weir(['groups', 'import', file(text), ...more, '--execute'])
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(reason)])
    expect(await offsets('one')).toEqual(before)
  })
})

describe('several topics and patterns', () => {
  test('are read by one command, each once', async () => {
    for (const topic of ['orders-eu', 'orders-us', 'other']) await filled(topic, 2, 4)
    const of = async (...topics: string[]) =>
      [...new Set((await values(...topics)).map(line => line.split(' ')[0]))].sort()
    expect(await of('other', 'orders-eu')).toEqual(['orders-eu', 'other'])
    expect(await of('orders-*', 'orders-eu')).toEqual(['orders-eu', 'orders-us'])
    expect(await of('/^OR.*-US$/i')).toEqual(['orders-us'])
    expect(await of('^o')).toEqual(['orders-eu', 'orders-us', 'other'])
    expect(await of('o?her')).toEqual(['other'])
    expect((await values('orders-*')).length).toBe(8)
    expect((await weir(['consume', 'orders-*', '-e', '-n', '5'])).lines.length).toBe(5)
    expect((await weir(['consume', 'orders-*', '-e', '--filter', 'topic == "orders-us"'])).lines.length).toBe(4)
  })

  test('a group reads several topics, and goes on where it stopped', async () => {
    const read = (...more: string[]) => weir(['consume', 'orders-*', '-g', 'both', '-f', '%t %s\\n', ...more])
    const first = await read('-n', '3')
    const rest = await read('-e')
    expect([first.lines.length, rest.lines.length]).toEqual([3, 5])
    expect(new Set([...first.lines, ...rest.lines]).size).toBe(8)
    const [group] = await json<{ totalLag: number; partitions: object[] }[]>(['groups', 'describe', 'both'])
    expect([group?.totalLag, group?.partitions.length]).toEqual([0, 4])
  })

  test('are taken by list, count, offsets, describe and delete', async () => {
    const names = async (...line: string[]) => (await json<{ topic: string }[]>(line)).map(({ topic }) => topic)
    expect(await names('topics', 'list', 'orders-*')).toEqual(['orders-eu', 'orders-us'])
    expect(await names('topics', 'count', 'orders-*')).toEqual(['orders-eu', 'orders-us'])
    expect(await names('topics', 'describe', '/us$/')).toEqual(['orders-us'])
    expect((await names('topics', 'offsets', 'orders-*')).length).toBe(4)
    const dry = await weir(['topics', 'delete', 'orders-*'])
    expect([dry.code, dry.stderr]).toEqual([4, expect.stringContaining('delete "orders-eu", "orders-us" with all')])
    const none = await weir(['topics', 'delete', 'nothing-*', '--yes'])
    expect([none.code, none.stderr]).toEqual([3, 'weir: no topic matches nothing-*\n'])
    expect((await weir(['topics', 'list', '/(/'])).code).toBe(2)
    expect((await weir(['topics', 'list', 'ordrs-eu'])).code).toBe(3)
  })
})

test('--tail shows the last ones, and then what comes', async () => {
  await filled('followed', 1, 20)
  expect(await values('followed', '--tail', '2')).toEqual(['followed 0 v18', 'followed 0 v19'])
  expect((await values('followed', '--tail')).length).toBe(10)
  let followed: readonly string[] | undefined
  const following = weir(['consume', 'followed', '--tail', '1', '-n', '2', '-f', '%s\\n']).then(({ lines }) => {
    followed = lines
  })
  // Where it starts is where the topic ends then: it waits for what comes after that.
  while (followed === undefined) await weir(['produce', 'followed'], 'next\n')
  await following
  expect(followed).toEqual([expect.stringMatching(/v19|next/), 'next'])
  expect((await weir(['consume', 'followed', '--tail', '--offset', '3'])).code).toBe(2)
  expect((await weir(['consume', 'followed', '--tail', '-g', 'g'])).code).toBe(2)
})
