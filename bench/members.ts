import { loadTopology } from '../src/cli/shared/load-topology'
import { type Cluster, createCluster } from '../src/connectors/kafka'
import type { Api } from '../src/connectors/kafka/protocol/api'
import { type Plan, planOf, readTopics } from '../src/engine/plan/plan'
import { givenTo, type MemberTasks } from '../src/engine/worker/assignor'
import { processes } from './harness/proc'
import { decimals, markdown, origin } from './harness/report'
import { type Services, servicesCpu, startServices } from './harness/services'
import { makeTopic } from './harness/topology'
import { Members, measuredAssignor, type Round, type Setting, toldBy } from './members/members'

/** What `max.message.bytes` is by default, also of the coordinator's own topic. */
const mostBytes = 1_048_588

/** What one event came to. */
interface Shown extends Setting {
  readonly event: string
  readonly rounds: number
  readonly assignMs: number
  readonly toldBytes: number
  readonly givenBytes: number
  readonly recordBytes: number
  /** On a real coordinator: until all had their tasks, the longest rest of a task that moved, requests to it, and Kafka's CPU. */
  readonly wire?: {
    readonly ms: number
    readonly restMs: number
    readonly moved: number
    readonly requests: Readonly<Record<string, number>>
    readonly kafkaS: number
  }
}

const most = (rounds: readonly Round[], of: (round: Round) => number) => Math.max(...rounds.map(of))

const shownOf = (event: string, setting: Setting, rounds: readonly Round[]): Shown => ({
  ...setting,
  event,
  rounds: rounds.length,
  assignMs: most(rounds, ({ assignMs }) => assignMs),
  toldBytes: most(rounds, ({ toldBytes }) => toldBytes),
  givenBytes: most(rounds, ({ givenBytes }) => givenBytes),
  recordBytes: most(rounds, ({ recordBytes }) => recordBytes),
})

/** The assignor by itself: all join at once, one leaves, and it comes back. */
function computed(plan: Plan, setting: Setting): Shown[] {
  const rounds: Round[] = []
  const nobody: MemberTasks = { active: {}, standby: {} }
  const topics = readTopics(plan)
  const told = new Map<string, MemberTasks>(
    Array.from({ length: setting.members }, (_, i) => [`sensors-${String(i).padStart(36, '0')}`, nobody]),
  )
  const assignor = (own: MemberTasks) => measuredAssignor(plan, setting, rounds, () => own)
  const run = (event: string): Shown => {
    rounds.length = 0
    for (let isOver = false; !isOver; ) {
      const members = [...told].map(([memberId, own]) => ({ memberId, topics, userData: assignor(own).userData() }))
      isOver = true
      let index = 0
      for (const [memberId, { userData }] of assignor(nobody).assign(members, new Map())) {
        const given = givenTo(userData)
        told.set(memberId, toldBy(given, index++))
        if (given.isToBeContinued) isOver = false
      }
    }
    return shownOf(event, setting, rounds)
  }
  const all = run('all join')
  const [last] = [...told.keys()].slice(-1)
  told.delete(last!)
  const left = run('one leaves')
  told.set(last!, nobody)
  return [all, left, run('it comes back')]
}

/** Counts what is sent, by request. */
function counted(cluster: Cluster, counts: Map<string, number>): Cluster {
  const send = cluster.send.bind(cluster)
  cluster.send = <T>(node: number, api: Api<T>, lane?: string) => {
    counts.set(api.name, (counts.get(api.name) ?? 0) + 1)
    return send(node, api, lane)
  }
  return cluster
}

/** The same on a real coordinator. */
async function onWire(services: Services, plan: Plan, setting: Setting): Promise<Shown[]> {
  const counts = new Map<string, number>()
  const cluster = counted(createCluster(services.kafka), counts)
  const crowd = new Members(cluster, `members-${setting.members}-${setting.partitions}`, plan, setting)
  const run = async (event: string, work: () => Promise<void> | void): Promise<Shown> => {
    crowd.begin()
    counts.clear()
    const before = servicesCpu(processes()).kafka
    const startedAt = performance.now()
    await work()
    await crowd.settled()
    const ms = performance.now() - startedAt
    const wire = { ms, restMs: crowd.longestRestMs, moved: crowd.tasksMoved, requests: Object.fromEntries(counts) }
    return {
      ...shownOf(event, setting, crowd.rounds),
      wire: { ...wire, kafkaS: servicesCpu(processes()).kafka - before },
    }
  }
  try {
    await cluster.connect()
    return [
      await run('all join', () => crowd.add(setting.members)),
      await run('one leaves', () => crowd.removeLast()),
      await run('it comes back', () => crowd.add(1)),
    ]
  } finally {
    await crowd.end()
    await cluster.disconnect()
  }
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US')

function table(shown: readonly Shown[]): string {
  const rows = shown.map(({ event, members, partitions, rounds, assignMs, recordBytes, wire, ...bytes }) => [
    ...[String(members), String(partitions), event, String(rounds), decimals(assignMs, 0)],
    ...[whole(bytes.toldBytes), whole(bytes.givenBytes), whole(recordBytes)],
    recordBytes > mostBytes ? 'no' : decimals(recordBytes / mostBytes, 2),
    ...(wire === undefined
      ? ['', '', '', '']
      : [
          ...[whole(wire.ms), `${whole(wire.restMs)} (${wire.moved})`],
          Object.entries(wire.requests)
            .map(([name, count]) => `${name} ${count}`)
            .join(', '),
          decimals(wire.kafkaS, 1),
        ]),
  ])
  const head = ['members', 'partitions', 'event', 'rounds', 'assignor, ms of CPU', 'told, bytes', 'given, bytes']
  const record = ["the group's record, bytes", 'of its limit']
  const wire = ['until settled, ms', 'longest rest of a task, ms (moved)', 'requests', 'Kafka, CPU-s']
  return markdown([...head, ...record, ...wire], rows)
}

/** `npm run bench -- members`: what a rebalance of many workers costs, by the assignor itself and on a real coordinator. */
export async function members({ members, partitions }: Omit<Setting, 'standbys'>): Promise<unknown> {
  const plan = planOf(await loadTopology('topology/sensors.ts'))
  const settings = [
    { members: Math.ceil(members / 10), partitions: Math.ceil(partitions / 10), standbys: 1 },
    { members, partitions, standbys: 1 },
  ]
  const services = await startServices()
  const shown: Shown[] = []
  try {
    for (const topic of readTopics(plan)) await makeTopic(services, topic, 1)
    for (const setting of settings) {
      const alone = computed(plan, setting)
      const fits = alone.every(({ recordBytes }) => recordBytes <= mostBytes)
      const found = fits ? await onWire(services, plan, setting) : alone
      for (const each of found) process.stderr.write(`bench: ${JSON.stringify(each)}\n`)
      shown.push(...found)
    }
  } finally {
    await services.stop()
  }
  const { heading, ...about } = origin()
  const parts = `topology/sensors.ts: ${plan.subTopologies.length} sub-topologies, one standby a task; the record's limit is ${mostBytes} bytes`
  return { text: `${heading}; ${parts}\n\n${table(shown)}`, ...about, shown }
}
