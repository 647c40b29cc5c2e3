import type { Group, GroupAssignment } from '../../src/connectors/broker'
import type { Cluster, GroupOptions } from '../../src/connectors/kafka'
import { createAdmin, createCluster, createGroup, ensureTopics, rangeAssignor } from '../../src/connectors/kafka'
import type { Membership } from '../../src/connectors/ledger'
import { ConfigError, type FencedError } from '../../src/errors'
import { type KafkaStack, laneKafka, until } from './kafka-stack'

let kafka: KafkaStack
let cluster: Cluster
let runs = 0
const members: Member[] = []

beforeAll(async () => {
  kafka = await laneKafka()
  cluster = createCluster(kafka.config)
})

afterEach(async () => {
  await Promise.all(members.splice(0).map(each => each.group.leave()))
})

afterAll(async () => {
  await cluster?.disconnect()
})

interface Member {
  readonly group: Group
  readonly assigned: { assignment: GroupAssignment; membership: Membership }[]
  readonly lost: FencedError[]
  revokes: number
  /** Between an assignment and the end of its work. */
  membership: Membership | undefined
}

/** What the member holds now: `topic-partition`, sorted. */
const holds = (member: Member) =>
  member.membership === undefined
    ? []
    : member.assigned
        .at(-1)!
        .assignment.partitions.map(each => `${each.topic}-${each.partition}`)
        .sort()

function join(groupId: string, topics: string[], options: Partial<GroupOptions> = {}): Member {
  const { onRevoke, ...rest } = options
  const member: Omit<Member, 'group'> = { assigned: [], lost: [], revokes: 0, membership: undefined }
  const group = createGroup({
    cluster,
    groupId,
    topics: () => topics,
    assignor: rangeAssignor,
    sessionTimeoutMs: 6_000,
    heartbeatIntervalMs: 100,
    onRevoke: async () => {
      member.revokes++
      await onRevoke?.()
      member.membership = undefined
    },
    onAssigned: (assignment, membership) => {
      member.assigned.push({ assignment, membership })
      member.membership = membership
    },
    onLost: error => {
      member.lost.push(error)
      member.membership = undefined
    },
    ...rest,
  })
  const whole = Object.assign(member, { group })
  members.push(whole)
  return whole
}

async function topicsOf(counts: number[]): Promise<[groupId: string, topics: string[]]> {
  const groupId = `group-${++runs}`
  const topics = counts.map((_, i) => `${groupId}-${'abc'[i]}`)
  await ensureTopics(
    cluster,
    topics.map((topic, i) => ({ topic, partitions: counts[i]! })),
  )
  return [groupId, topics]
}

const all = (topics: string[], counts: number[]) =>
  topics.flatMap((topic, i) => Array.from({ length: counts[i]! }, (_, p) => `${topic}-${p}`)).sort()

test('two members share the work by partition number, and one inherits it all at once when the other leaves', async () => {
  const counts = [5, 3]
  const [groupId, topics] = await topicsOf(counts)
  const first = join(groupId, topics)
  await until(() => holds(first).length === 8, 'all partitions')
  const second = join(groupId, topics)
  await until(() => holds(first).length > 0 && holds(first).length < 8 && holds(second).length > 0, 'sharing')
  expect([...holds(first), ...holds(second)].sort()).toEqual(all(topics, counts))
  const [a, b] = topics
  for (const p of [0, 1, 2]) expect(holds(first).includes(`${a}-${p}`)).toBe(holds(first).includes(`${b}-${p}`))
  expect(first.revokes).toBe(1)
  const { membership } = first.assigned.at(-1)!
  expect(second.assigned.at(-1)!.membership.generationId).toBe(membership.generationId)
  await second.group.leave()
  await until(() => holds(first).length === 8, 'the whole work')
  expect(first.membership?.generationId).toBeGreaterThan(membership.generationId)
  expect([...first.lost, ...second.lost]).toEqual([])
})

test("Kafka's own tools see members and partitions", async () => {
  const [groupId, topics] = await topicsOf([2])
  const member = join(groupId, topics)
  await until(() => holds(member).length === 2, 'its partitions')
  const admin = createAdmin(kafka.config)
  await admin.connect()
  const [described] = (await admin.describeGroups([groupId])).groups
  const { AssignerProtocol } = require('kafkajs')
  expect(described).toMatchObject({ state: 'Stable', protocolType: 'consumer', protocol: 'weir-range' })
  const [only] = described!.members
  expect(AssignerProtocol.MemberMetadata.decode(only!.memberMetadata).topics).toEqual(topics)
  expect(AssignerProtocol.MemberAssignment.decode(only!.memberAssignment).assignment).toEqual({ [topics[0]!]: [0, 1] })
  await admin.disconnect()
})

test('the work is let go before others get it', async () => {
  const [groupId, topics] = await topicsOf([2])
  let release = () => {}
  const held = new Promise<void>(done => {
    release = done
  })
  const first = join(groupId, topics, { onRevoke: () => held })
  await until(() => holds(first).length === 2, 'all partitions')
  const second = join(groupId, topics)
  // Longer than the session: heartbeats go on while the work is let go.
  await new Promise(done => setTimeout(done, 8_000))
  expect(second.assigned).toHaveLength(0)
  expect(first.lost).toEqual([])
  release()
  await until(() => holds(first).length === 1 && holds(second).length === 1, 'sharing')
})

test('a member that holds on for too long is told that it has lost', async () => {
  const [groupId, topics] = await topicsOf([2])
  const first = join(groupId, topics, { onRevoke: () => new Promise(() => {}), rebalanceTimeoutMs: 2_000 })
  await until(() => holds(first).length === 2, 'all partitions')
  const second = join(groupId, topics, { rebalanceTimeoutMs: 2_000 })
  await until(() => first.lost.length === 1, 'the loss')
  await until(() => holds(first).length === 1 && holds(second).length === 1, 'sharing')
})

test('a member that was silent for a session has lost, and joins again', async () => {
  const [groupId, topics] = await topicsOf([2])
  const silent = join(groupId, topics, { heartbeatIntervalMs: 9_000 })
  await until(() => holds(silent).length === 2, 'all partitions')
  const old = silent.membership!
  await until(() => silent.lost.length === 1, 'the loss')
  expect(silent.lost[0]!.message).toContain(`generation ${old.generationId} continues without this member`)
  expect(silent.revokes).toBe(0)
  await until(() => holds(silent).length === 2, 'the second membership')
  expect(silent.membership?.memberId).not.toBe(old.memberId)
})

test('new partitions and new user data come by a rejoin', async () => {
  const [groupId, topics] = await topicsOf([2])
  let data = 'one'
  const seen: string[] = []
  const assignor = {
    ...rangeAssignor,
    userData: () => Buffer.from(data),
    assign: (...[each, counts]: Parameters<typeof rangeAssignor.assign>) => {
      seen.push(`${each[0]!.userData}`)
      const ranges = rangeAssignor.assign(each, counts)
      return new Map([...ranges].map(([id, range]) => [id, { ...range, userData: Buffer.from('to you') }]))
    },
  }
  const member = join(groupId, topics, { assignor, metadataIntervalMs: 200 })
  await until(() => holds(member).length === 2, 'two partitions')
  const admin = createAdmin(kafka.config)
  await admin.connect()
  await admin.createPartitions({ topicPartitions: [{ topic: topics[0]!, count: 3 }] })
  await admin.disconnect()
  await until(() => holds(member).length === 3, 'three partitions')
  data = 'two'
  member.group.rejoin()
  await until(() => seen.includes('two') && holds(member).length === 3, 'the new data')
  expect(`${member.assigned.at(-1)!.assignment.userData}`).toBe('to you')
  expect(member.lost).toEqual([])
})

test('a member without work stays in the group', async () => {
  const [groupId, topics] = await topicsOf([1])
  const first = join(groupId, topics)
  await until(() => holds(first).length === 1, 'the partition')
  const second = join(groupId, topics)
  await until(() => second.assigned.length === 1, 'the second member')
  await until(() => holds(first).length + holds(second).length === 1, 'one owner')
  expect(second.membership).toBeDefined()
})

/** Static members, each of which has its half. */
async function staticPair(): Promise<[groupId: string, topics: string[], first: Member, second: Member]> {
  const [groupId, topics] = await topicsOf([4])
  const first = join(groupId, topics, { instanceId: 'one' })
  const second = join(groupId, topics, { instanceId: 'two' })
  await until(() => holds(first).length === 2 && holds(second).length === 2, 'sharing')
  return [groupId, topics, first, second]
}

test.each(['one', 'two'])(
  'static member %s comes back within its session: it has what it had, and nobody else notices',
  async which => {
    const [groupId, topics, first, second] = await staticPair()
    const [gone, other] = which === 'one' ? [first, second] : [second, first]
    const [had, { membership }, assignments] = [holds(gone), gone, other.assigned.length]
    await gone.group.leave()
    const back = join(groupId, topics, { instanceId: which })
    await until(() => holds(back).length === 2, 'its work')
    expect(holds(back)).toEqual(had)
    expect(back.membership?.generationId).toBe(membership?.generationId)
    expect(back.membership?.memberId).not.toBe(membership?.memberId)
    // Longer than a session: the other goes on, and what the former one had isn't given away.
    await new Promise(done => setTimeout(done, 8_000))
    expect([other.assigned.length, other.revokes, other.lost.length]).toEqual([assignments, 0, 0])
    expect(holds(back)).toEqual(had)
  },
)

test('a static member that stays away loses its work when its session ends', async () => {
  const [, , first, second] = await staticPair()
  await second.group.leave()
  await until(() => holds(first).length === 4, 'the whole work')
})

test('two processes of one instance id: the newer has the place, and the other says so and joins no more', async () => {
  const [groupId, topics] = await topicsOf([2])
  const failed: Error[] = []
  const former = join(groupId, topics, { instanceId: 'one', onFailed: error => failed.push(error) })
  await until(() => holds(former).length === 2, 'its work')
  const newer = join(groupId, topics, { instanceId: 'one' })
  await until(() => failed.length === 1, 'the former to be told')
  expect(failed[0]).toBeInstanceOf(ConfigError)
  expect(failed[0]!.message).toBe(
    `group ${groupId}: another process has joined as instance "one": give each worker a GROUP_INSTANCE_ID of its own`,
  )
  await until(() => holds(newer).length === 2, 'its work')
  expect([former.lost.length, holds(former)]).toEqual([1, []])
  expect(newer.lost).toEqual([])
})

test('a restart of the broker costs nobody the membership for long', async () => {
  const counts = [4]
  const [groupId, topics] = await topicsOf(counts)
  const both = [join(groupId, topics), join(groupId, topics)]
  const shared = () => both.every(each => holds(each).length === 2) && new Set(both.flatMap(holds)).size === 4
  await until(shared, 'sharing')
  await kafka.restart()
  await until(() => both.every(each => each.membership !== undefined) && shared(), 'sharing again')
  await both[1]!.group.leave()
  await until(() => holds(both[0]!).length === 4, 'the whole work')
})
