import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { BrokerReaderOptions, Group, GroupAssignment, GroupEvents } from '../../src/connectors/broker'
import { memory } from '../../src/connectors/memory/memory-target'
import type { Sink, SinkTask, Target } from '../../src/connectors/sink'
import type { Reader, TopicPartition } from '../../src/connectors/source'
import { planOf } from '../../src/engine/plan/plan'
import { planTopics } from '../../src/engine/plan/topic-needs'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { Worker, type WorkerOptions } from '../../src/engine/worker/worker'
import { FencedError } from '../../src/errors'
import { Outages } from '../../src/outages'
import { MemoryBroker } from '../connectors/memory-broker'

export const serdes = { key: text, value: json<any>() }

/** One table, which can be asked, and a global one. */
export const counting = topology('app', s => {
  s.stream('in', serdes).groupByKey().count({ name: 'counts' }).toStream().to('out', serdes)
  s.globalTable('names', { ...serdes, name: 'names' })
})

const rows = memory({ name: 'rows' })
/** To an end, without any state. */
export const writing = topology('app', s => s.stream('in', serdes).to(rows))

/** A reader that a worker has, and what it reads. */
interface MadeReader {
  readonly options: BrokerReaderOptions | undefined
  readonly reader: Reader
  /** Offsets that it was set to, by topic and partition, while it reads them. */
  readonly at: Map<string, number>
  isClosed: boolean
}

/** A Kafka whose group does what the test says, and that notes what it is asked. */
export class Grouped extends MemoryBroker {
  events!: GroupEvents
  /** What was asked of the group, and of the end. */
  readonly asked: string[] = []
  readonly made: MadeReader[] = []
  /** Producers that aren't closed. */
  producers = 0

  constructor(topics: Readonly<Record<string, number>>) {
    super(topics)
    const { createReader, createProducer } = this
    this.createReader = (options?: BrokerReaderOptions) => this.noted(createReader(), options)
    this.createProducer = () => {
      this.producers++
      const close = async () => void this.producers--
      return { ...createProducer(), close }
    }
  }

  override joinGroup = (events: GroupEvents): Group => {
    this.events = events
    return {
      rejoin: isUrgent => void this.asked.push(isUrgent ? 'rejoin now' : 'rejoin'),
      expectRebalance: () => void this.asked.push('expect'),
      leave: async () => void this.asked.push('leave'),
    }
  }

  /** Partitions of a topic that are read. */
  reading(topic: string): string[] {
    const all = this.made.filter(({ isClosed }) => !isClosed).flatMap(({ at }) => [...at.keys()])
    return all.filter(each => each.startsWith(`${topic}/`)).sort()
  }

  private noted(reader: Reader, options: BrokerReaderOptions | undefined): Reader {
    const made: MadeReader = { options, reader, at: new Map(), isClosed: false }
    const { seek, remove, close } = reader
    const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`
    reader.seek = (at, offset, id) => {
      made.at.set(nameOf(at), offset)
      seek.call(reader, at, offset, id)
    }
    reader.remove = at => {
      made.at.delete(nameOf(at))
      remove.call(reader, at)
    }
    reader.close = async () => {
      made.isClosed = true
      await close.call(reader)
    }
    this.made.push(made)
    return reader
  }
}

type Step = 'open' | 'write' | 'commit' | 'release'

/** An end that notes what it is asked, and takes as long for it as the test says. */
export class NotedSink implements Sink {
  /** What steps wait for, and fail of. */
  readonly waits: { [step in Step]?: Promise<unknown> } = {}
  onForgotten?: (task: string) => void
  /** How often it was begun to be opened. */
  openings = 0

  constructor(
    private readonly asked: string[] = [],
    readonly targets: readonly Target[] = [rows],
  ) {}

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    this.openings++
    await this.waits.open
    this.asked.push(`open ${tasks.map(({ task }) => task).join(' ')}`)
    return tasks.map(() => 0)
  }

  write = async () => {
    await this.waits.write
  }

  async commit(): Promise<void> {
    await this.waits.commit
    this.asked.push('commit')
  }

  async release(tasks: readonly string[]): Promise<void> {
    this.asked.push(`release ${tasks.join(' ')}`)
    await this.waits.release
  }

  abort = async () => {}
  close = async () => void this.asked.push('close')
}

const begun: { readonly worker: Worker; readonly broker: Grouped }[] = []

/** Stops the workers that a test has left. */
export async function endWorkers(): Promise<void> {
  for (const { worker, broker } of begun.splice(0)) {
    if (worker.state === 'stopped') continue
    // Nobody has to be waited for then.
    broker.events.onLost(new FencedError('evicted'))
    await worker.stop()
  }
}

/** A worker of a group of which the test gives it tasks. */
export async function workerScene(over: Partial<WorkerOptions> = {}, of = counting) {
  const plan = planOf(of)
  const broker = new Grouped({ in: 2, out: 2, names: 1, other: 2 })
  const { counts, needs } = await planTopics(plan, broker)
  await broker.ensureTopics(needs)
  const lines: string[] = []
  const say = (first: unknown, line?: string) => void lines.push(String(line ?? first))
  const log = { debug: () => {}, info: say, warn: say, error: say }
  const outages = new Outages({ log })
  const time = { ms: 1_000 }
  const sink = new NotedSink(broker.asked)
  const hasEnd = plan.subTopologies.some(({ direct }) => direct.length > 0)
  const worker = new Worker({
    ...{ plan, broker, log, outages, partitionCounts: counts, sinks: hasEnd ? [sink] : [] },
    clock: { now: () => time.ms, monotonic: () => time.ms },
    codecs: await bindCodecs(plan.topology, new MemoryRegistry()),
    ...{ commitIntervalMs: 1, maxTaskIdleMs: 0, maxFutureMs: Number.POSITIVE_INFINITY },
    ...{ standbyReplicas: 0, producerTimeoutMs: 1_000 },
    ...over,
  })
  begun.push({ worker, broker })
  const until = async (what: () => boolean) => {
    for (let i = 0; i < 20_000 && !what(); i++) {
      time.ms++
      await new Promise(setImmediate)
    }
    expect(what()).toBe(true)
  }
  return { worker, broker, sink, until, lines, time, outages, ...dealings(worker, broker, until) }
}

/** What a test has to do with the worker's group and topics. */
function dealings(worker: Worker, broker: Grouped, until: (what: () => boolean) => Promise<void>) {
  let generationId = 0
  const assign = (given: { active: string[]; standby?: string[]; warmUp?: string[]; isToBeContinued?: boolean }) => {
    const all = { standby: [], warmUp: [], ...given }
    const partitions = given.active.map(id => ({ topic: 'in', partition: Number(id.split('_')[1]) }))
    const assignment: GroupAssignment = { partitions, userData: Buffer.from(JSON.stringify(all)) }
    broker.events.onAssigned(assignment, { groupId: 'app', memberId: 'me', generationId: ++generationId })
  }
  const running = async (...active: string[]) => {
    assign({ active })
    await until(() => worker.state === 'running' && worker.slots.size === active.length)
  }
  const write = (partition: number, over: object = {}) =>
    broker.write({ topic: 'in', partition }, { key: Buffer.from('a'), value: Buffer.from('1'), timestamp: 5, ...over })
  const committed = (partition: number) => broker.ledger.committed({ topic: 'in', partition })?.offset
  const said = () => JSON.parse(String(broker.events.assignor.userData()))
  return { assign, running, write, committed, said }
}

/** A promise that the test settles. */
export function gate() {
  let open = () => {}
  let fail = (_: Error) => {}
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  promise.catch(() => undefined)
  return { promise, open, fail }
}

/** What came of a promise, as far as it is known: once everything has happened that waits for nobody. */
export async function fateOf(promise: Promise<unknown>): Promise<unknown> {
  let fate: unknown = 'open'
  promise.then(
    () => {
      fate = 'done'
    },
    error => {
      fate = error
    },
  )
  for (let i = 0; i < 30; i++) await new Promise(setImmediate)
  return fate
}
