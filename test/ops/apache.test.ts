import type { TopicDescription } from '../../src/ops/describe-topic'
import { type OwnKafka, startKafka } from '../scenarios/kafka-stack'
import { type ApacheTool, apacheTools, rows, sorted } from './apache-tools'
import { KINDS, type State, States } from './states'
import { json, weir } from './weir'

const SEEDS = Array.from({ length: 24 }, (_, seed) => seed)
const EMPTY: readonly string[] = ['empty', 'compacted', 'transactional', 'deleted topic']

let kafka: OwnKafka
let states: States
let tools: Awaited<ReturnType<typeof apacheTools>>
let apache: ApacheTool
let made: State[]

beforeAll(async () => {
  kafka = await startKafka()
  process.env.KAFKA_BROKERS = kafka.config.brokers.join(',')
  tools = await apacheTools(kafka.config.brokers.join(','))
  apache = tools.run
  states = new States(kafka.config.brokers)
  made = await Promise.all(SEEDS.map(seed => states.make(seed)))
})

afterAll(async () => {
  tools?.stop()
  await states?.close()
  await kafka?.stop()
})

const lost = () => made.filter(state => state.kind === 'deleted topic in use').map(state => state.group)
const living = () => made.filter(state => state.kind !== 'dead').map(state => state.group)

test('every kind of state was made, most of them more than once', () => {
  expect(new Set(made.map(state => state.kind)).size).toBe(KINDS.length)
  expect(made.length).toBeGreaterThanOrEqual(20)
})

test('topics list names the topics that kafka-topics --list names', async () => {
  const ours = await json<{ topic: string }[]>(['topics', 'list', '--internal'])
  const theirs = await apache('TopicCommand', '--list')
  expect(theirs.length).toBeGreaterThan(20)
  expect(ours.map(each => each.topic)).toEqual([...theirs].sort())
})

test('topics describe has the rows of kafka-topics --describe', async () => {
  const names = (await json<{ topic: string }[]>(['topics', 'list', '--internal'])).map(each => each.topic)
  const ours = await json<TopicDescription[]>(['topics', 'describe', ...names])
  const theirs = await apache('TopicCommand', '--describe')
  const heads = ours.map(topic => [
    ...['Topic:', topic.topic, 'TopicId:', topic.id!, 'PartitionCount:', `${topic.partitions.length}`],
    ...['ReplicationFactor:', `${topic.replication}`, 'Configs:'],
    Object.entries(topic.config)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(','),
  ])
  const partitions = ours.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, leader, replicas, isr }) => [
      ...['Topic:', topic, 'Partition:', `${partition}`, 'Leader:', `${leader}`],
      ...['Replicas:', replicas.join(), 'Isr:', isr.join(), 'Elr:', 'LastKnownElr:'],
    ]),
  )
  const cells = rows(theirs, []).map(line => {
    if (line[4] !== 'PartitionCount:') return line
    return [...line.slice(0, 9), (line[9] ?? '').split(',').sort().join(',')]
  })
  expect(sorted([...heads, ...partitions])).toEqual(sorted(cells))
})

test.each([
  ['first', '-2'],
  ['next', '-1'],
  ['at', ''],
] as const)('topics offsets has the %s offsets of kafka-get-offsets', async (field, end) => {
  const time = end || `${states.startMs + 10_000}`
  const topics = made.flatMap(state => state.topics)
  type Row = { topic: string; partition: number; first: number; next: number; at: number | null }
  const ours = await json<Row[]>(['topics', 'offsets', ...topics, '--at', `${states.startMs + 10_000}`])
  const theirs = await apache('GetOffsetShell', '--topic', topics.join('|'), '--time', time)
  // Their tool leaves out where no record is that young.
  const known = ours.filter(row => row[field] !== null)
  const lines = known.map(row => `${row.topic}:${row.partition}:${row[field]}`)
  expect(lines.sort()).toEqual([...theirs].sort())
})

test('groups list has the groups, states and types of kafka-consumer-groups --list', async () => {
  const ours = await json<{ group: string; state: string; type: string }[]>(['groups', 'list'])
  const listed = rows(await apache('GroupCommand', '--list', '--state', '--type'), ['GROUP'])
  expect(ours.map(({ group }) => group)).toEqual([...living()].sort())
  expect(sorted(ours.map(({ group, type, state }) => [group, type, state]))).toEqual(
    sorted(listed.map(([group, type, state]) => [group!, type!.toLowerCase(), state!])),
  )
})

test('groups describe has the nine columns and rows of kafka-consumer-groups --describe', async () => {
  const groups = living().filter(group => !lost().includes(group))
  const described = await weir(['groups', 'describe', ...groups])
  expect(described.code).toBe(0)
  const header = 'GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID'
  const theirs = await apache('GroupCommand', '--describe', ...groups.flatMap(group => ['--group', group]))
  const cells = (lines: readonly string[]) =>
    lines.map(line => line.trim().split(/\s+/)).filter(each => each.length === 9)
  const ours = cells(described.lines)
  expect(ours.filter(each => each.join(' ') === header).length).toBeGreaterThan(10)
  expect(new Set(sorted(ours))).toEqual(new Set(sorted(cells(theirs))))
  expect(ours.length).toBeGreaterThan(60)
})

test('where kafka-consumer-groups --describe breaks off, as a topic in use is gone, weir shows dashes', async () => {
  expect(lost().length).toBeGreaterThan(0)
  for (const group of lost()) {
    const theirs = await apache('GroupCommand', '--describe', '--group', group)
    expect(rows(theirs, ['GROUP']).filter(cells => cells[0] === group)).toEqual([])
    const ours = await weir(['groups', 'describe', group])
    expect(ours.code).toBe(0)
    expect(ours.lines.some(line => / - {2,}- {2,}- {2,}\S+-group-0-\S+ {2}\/127.0.0.1 {2}/.test(line))).toBe(true)
    expect(ours.stderr).toMatch(/topic "s\d+-a" is gone or has no leader now/)
  }
})

test('groups describe has the states of kafka-consumer-groups --describe --state', async () => {
  type Group = { group: string; coordinator: number; assignor: string; state: string; members: unknown[] }
  const ours = await json<Group[]>(['groups', 'describe', ...living()])
  const lines = rows(await apache('GroupCommand', '--describe', '--all-groups', '--state'), ['GROUP'])
  const theirs = lines.map(([group, , id, strategy, state, members]) => [group!, id!, strategy!, state!, members!])
  const mine = ours.map(({ group, coordinator, assignor, state, members }) => [
    ...[group, `(${coordinator})`, assignor || '-', state, `${members.length}`],
  ])
  expect(sorted(mine)).toEqual(sorted(theirs))
  expect(new Set(ours.map(({ state }) => state))).toEqual(new Set(['Stable', 'Empty', 'PreparingRebalance']))
})

test('groups members has the rows of kafka-consumer-groups --describe --members --verbose', async () => {
  const theirs = rows(await apache('GroupCommand', '--describe', '--all-groups', '--members', '--verbose'), ['GROUP'])
  const ours: string[][] = []
  for (const group of living()) {
    type Member = {
      consumerId: string
      host: string
      clientId: string
      partitions: number
      assignment: { topic: string; partitions: number[] }[]
    }
    for (const member of await json<Member[]>(['groups', 'members', group])) {
      const given = member.assignment.map(each => `${each.topic}:${[...each.partitions].sort((a, b) => a - b)}`).sort()
      ours.push([
        group,
        member.consumerId,
        member.host,
        member.clientId,
        `${member.partitions}`,
        given.join(';') || '-',
      ])
    }
  }
  const cells = theirs.map(([group, id, host, client, count, , assigned]) => [
    ...[group!, id!, host!, client!, count!, assigned!.split(';').sort().join(';')],
  ])
  expect(sorted(ours)).toEqual(sorted(cells))
})

test.each([
  [['--to', 'earliest'], ['--to-earliest']],
  [['--to', 'latest'], ['--to-latest']],
  [
    ['--to', '7'],
    ['--to-offset', '7'],
  ],
  [
    ['--shift-by', '3'],
    ['--shift-by', '3'],
  ],
  [
    ['--shift-by', '-4'],
    ['--shift-by', '-4'],
  ],
  [
    ['--to', '@TIME'],
    ['--to-datetime', 'TIME'],
  ],
])('groups reset %p plans what kafka-consumer-groups --reset-offsets plans', async (mine, their) => {
  const time = new Date(states.startMs + 10_000).toISOString()
  const [ours, theirs] = [mine, their].map(words => words.map(word => word.replace('TIME', time)))
  const groups = made.filter(state => EMPTY.includes(state.kind)).map(state => state.group)
  const plans: string[][] = []
  for (const group of groups) {
    const ran = await weir(['groups', 'reset', group, '--all-topics', ...ours!, '-o', 'json'])
    if (ran.code === 2 && /has no offset/.test(ran.stderr)) continue
    expect([group, ran.code, ran.stderr]).toEqual([group, 0, expect.any(String)])
    for (const row of JSON.parse(ran.stdout)) plans.push([group, row.topic, `${row.partition}`, `${row.newOffset}`])
  }
  const named = groups.flatMap(group => ['--group', group])
  const lines = await apache('GroupCommand', '--reset-offsets', ...named, '--all-topics', ...theirs!, '--dry-run')
  const planned = rows(lines, ['GROUP']).filter(cells => cells.length === 4)
  expect(planned.length).toBeGreaterThan(5)
  expect(sorted(plans)).toEqual(sorted(planned))
})

test('what Apache says of a dead group, weir says with the nearest name and exit 3', async () => {
  const [dead] = made.filter(state => state.kind === 'dead')
  const lines = await apache('GroupCommand', '--describe', '--group', dead!.group)
  expect(lines.join(' ')).toContain(`${dead!.group} not found`)
  const ran = await weir(['groups', 'describe', dead!.group])
  expect(ran.code).toBe(3)
  expect(ran.stderr).toMatch(/^weir: group "s\d+-group" does not exist; did you mean "s\d+-group"\?\n$/)
})

test('notes say who is missing, idle or rebalancing', async () => {
  for (const { kind, group } of made) {
    const { stderr } = await weir(['groups', 'describe', group])
    if (EMPTY.includes(kind)) expect(stderr).toContain('exists, but nobody consumes with it')
    if (kind === 'idle members') expect(stderr).toMatch(/members idle, there are only \d partition/)
    if (kind === 'rebalancing') expect(stderr).toContain('is rebalancing')
  }
})
