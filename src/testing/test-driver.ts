import { MemoryRegistry } from '../codecs/memory-registry'
import { partitionOf } from '../connectors/kafka/write/partitioner'
import { checkedTopology, isKind, type Topology } from '../dsl/graph'
import { topicsInUse } from '../engine/plan/owned-topics'
import { type Plan, planOf } from '../engine/plan/plan'
import { bindCodecs, type CodecBook } from '../engine/task/codec-book'
import { storesOnDisk } from '../engine/task/local-state'
import { timeHeader } from '../engine/task/time-report'
import { TopologyError } from '../errors'
import type { Store } from '../state/store'
import { CapturingSink, captureTargets, type WrittenRecord } from './captured-targets'
import { type CrashReport, crashPoints } from './crash-points'
import { checkDriverOptions, type TestDriverOptions, type TestOutput, type TestRecord } from './driver-options'
import { DriverTasks } from './driver-tasks'
import { keptPromises } from './kept-promises'
import { MemoryKafka } from './memory-kafka'
import { MemoryLedger } from './memory-ledger'
import { type TemporaryState, temporaryState } from './temporary-state'
import { type TestBytes, type TestDeadLetter, TopicRecords } from './topic-records'
import { ByPace, OldestFirst, type Waiting } from './waiting'

export type { TestDriverOptions, TestEnds, TestOutput, TestRecord } from './driver-options'

/** One task reads as Kafka Streams' own test driver does. */
const waitingOf = ({ partitions = 1, order }: TestDriverOptions): Waiting | undefined =>
  order !== undefined ? new ByPace(order) : partitions === 1 ? new OldestFirst() : undefined

const place = (key: Buffer | null, count: number) => (count === 1 || key === null ? 0 : partitionOf(key, count))

/**
 * Runs a topology without any service: the real tasks and the real commit road, on ends in memory and virtual time. Each record is
 * processed and committed before the next, with all that it causes in internal topics, the oldest first.
 */
export class TopologyTestDriver {
  readonly kafka: MemoryKafka
  private wall: number
  private readonly readFrom = new Map<string, number>()
  private readonly records: TopicRecords
  private readonly worker: DriverTasks
  /** What was done with the driver so far, so that it can be done again. */
  private readonly steps: ((driver: TopologyTestDriver) => Promise<void>)[] = []

  private constructor(
    private readonly built: Topology,
    private readonly plan: Plan,
    codecs: CodecBook,
    private readonly options: TestDriverOptions,
    private readonly sinks: readonly CapturingSink[],
    private readonly folder: TemporaryState | undefined,
  ) {
    this.kafka = new MemoryKafka(options.partitions ?? 1)
    this.wall = options.wallClockMs ?? 0
    this.records = new TopicRecords(plan.topology.nodes, codecs)
    const ledger = options.ends?.ledger?.(this.kafka) ?? new MemoryLedger(this.kafka)
    this.worker = new DriverTasks(plan, codecs, this.kafka, ledger, sinks, {
      partitioner: place,
      wallClockMs: () => this.wall,
      maxFutureMs: options.maxFutureMs ?? Number.POSITIVE_INFINITY,
      lag: options.lag ?? false,
      waiting: waitingOf(options),
      localState: folder?.state,
      reached: options.reached,
    })
  }

  /** Throws ConfigError for options that can't be, TopologyError for what can't run. */
  static async create(topology: Topology, options: TestDriverOptions = {}): Promise<TopologyTestDriver> {
    checkedTopology('TopologyTestDriver.create', topology)
    checkDriverOptions(options)
    const sink = options.ends?.sink ?? ((targets: CapturingSink['targets']) => new CapturingSink(targets))
    const captured = captureTargets(topology, sink)
    const plan = planOf(captured.topology, { whole: (options.partitions ?? 1) === 1 })
    const codecs = await bindCodecs(plan.topology, new MemoryRegistry(), { pipes: true })
    const folder = storesOnDisk(plan).length > 0 ? temporaryState(plan.topology.name) : undefined
    const driver = new TopologyTestDriver(topology, plan, codecs, options, captured.sinks, folder)
    await driver.reopen()
    return driver
  }

  /** Writes a record to a source topic and lets everything happen that follows from it. */
  async pipe(topic: string, record: TestRecord): Promise<void> {
    this.append(topic, record)
    await this.worker.drain()
    this.steps.push(driver => driver.pipe(topic, record))
  }

  /** Writes records of a source topic, all before the first is processed. */
  async pipeAll(topic: string, records: readonly TestRecord[]): Promise<void> {
    for (const record of records) this.append(topic, record)
    await this.worker.drain()
    this.steps.push(driver => driver.pipeAll(topic, records))
  }

  /** Like `pipe` with the very bytes of key and value, which the topology may be unable to decode. */
  async pipeBytes(topic: string, record: TestRecord & TestBytes): Promise<void> {
    this.appendBytes(topic, record)
    await this.worker.drain()
    this.steps.push(driver => driver.pipeBytes(topic, record))
  }

  /** The bytes that a producer of a source topic writes for key and value. Throws what its serdes refuse, and TopologyError where no step reads the topic. */
  encode(topic: string, record: Pick<TestRecord, 'key' | 'value'>): TestBytes {
    return this.records.encoded(topic, record)
  }

  private append(topic: string, record: TestRecord): void {
    this.appendBytes(topic, { ...record, ...this.records.encoded(topic, record) })
  }

  private appendBytes(topic: string, { key, value, timestamp, partition, headers }: TestRecord & TestBytes): void {
    const { partitionCount } = this.kafka
    if (partition !== undefined && !(partition >= 0 && partition < partitionCount))
      throw new TopologyError(
        `topic ${topic} has no partition ${partition}: the driver was created with ${partitionCount}`,
      )
    const at = { topic, partition: partition ?? place(key, partitionCount) }
    this.kafka.append(at, { key, value, timestamp, ...(headers && { headers }) })
  }

  private unknownTopic(topic: string): TopologyError {
    if (this.targets.some(({ name }) => name === topic))
      return new TopologyError(`"${topic}" is no topic but an end: what it was given is written('${topic}')`)
    const known = this.plan.topology.nodes.flatMap(node =>
      isKind(node, 'to') && typeof node.spec.topic === 'string' ? [node.spec.topic] : [],
    )
    return new TopologyError(`no step writes topic ${topic}; those that are written: ${known.join(', ') || 'none'}`)
  }

  /** What was written to a topic since the last read of it; `written` has that of an end outside Kafka. */
  read(topic: string): TestOutput[] {
    const records = this.decoded(topic)
    const from = this.readFrom.get(topic) ?? 0
    this.readFrom.set(topic, records.length)
    return records.slice(from)
  }

  /** Topics that are read from outside. */
  get sources(): string[] {
    return this.records.sources
  }

  /** Topics that the topology has written for others, dead letters among them. */
  get outputTopics(): string[] {
    const chosen = this.plan.topology.nodes.filter(node => isKind(node, 'to'))
    const named = new Set(chosen.map(({ spec: { topic } }) => topic).filter(topic => typeof topic === 'string'))
    const own = topicsInUse(this.plan)
    const sources = new Set(this.sources)
    const written = this.kafka.log.map(({ topic }) => topic)
    return [...new Set(written)].filter(topic => named.has(topic) || !(own.has(topic) || sources.has(topic)))
  }

  /** Names of the targets outside Kafka. */
  get targets(): CapturingSink['targets'] {
    return this.sinks.flatMap(({ targets }) => targets)
  }

  /** What an end outside Kafka holds: the records given to the target of that name, in order. */
  written(target: string): readonly WrittenRecord[] {
    const sink = this.sinks.find(({ targets }) => targets.some(({ name }) => name === target))
    if (sink === undefined) {
      const names = this.targets.map(({ name }) => `"${name}"`).join(', ')
      throw new TopologyError(`no step writes to a target "${target}"; there are: ${names || 'none'}`)
    }
    return sink.written(target)
  }

  /** The records and results that were set aside so far, of all sources, each with its reason, in order. */
  deadLetters(): TestDeadLetter[] {
    const topics = this.records.letterTopics
    return this.kafka.log.flatMap(record => (topics.has(record.topic) ? [this.records.letter(record)] : []))
  }

  /** Moves the wall clock on; punctuators that come due are called. */
  async advanceWallClock(ms: number): Promise<void> {
    this.wall += ms
    await this.worker.each(task => task.time.punctuateWallClock())
    this.steps.push(driver => driver.advanceWallClock(ms))
  }

  /** Moves stream time on without a record, as the idle clock does. */
  async advanceStreamTime(timeMs: number): Promise<void> {
    await this.worker.each(task => task.time.advance(timeMs))
    this.steps.push(driver => driver.advanceStreamTime(timeMs))
  }

  /** The largest timestamp that any task has processed, ms; -1 before the first. */
  get streamTime(): number {
    return Math.max(-1, ...this.worker.tasks.map(task => task.streamTime))
  }

  /** With `lag`: all tasks have been silent for so long that nobody behind a repartition waits for them any more. */
  async silence(): Promise<void> {
    for (let length = -1; length < this.kafka.log.length; ) {
      length = this.kafka.log.length
      await this.worker.settle()
      await this.worker.drain()
    }
    this.steps.push(driver => driver.silence())
  }

  /** A store, of the task of that partition. */
  store<S extends Store = any>(name: string, partition = 0): S {
    const task = this.worker.tasks.find(each => each.partition === partition && each.stores.has(name))
    if (task === undefined) {
      const names = new Set(this.worker.tasks.flatMap(({ stores }) => [...stores.keys()]))
      throw new TopologyError(`no step has a store "${name}"; there are: ${[...names].join(', ') || 'none'}`)
    }
    return task.stores.get(name) as S
  }

  /** Kills the tasks and brings them back from what was committed: the changelogs, the times, the offsets. */
  async crash(): Promise<void> {
    await this.reopen()
    this.steps.push(driver => driver.crash())
  }

  /**
   * Does what was done with this driver so far again, on new ones, and crashes once at every point at which a worker can: before the sinks,
   * after the sinks and after the ledger of each commit, and in each restore. Tells what became of each crash; `atMost`: most
   * commits to crash in, spread evenly. This driver stays as it is. Rejects with CrashesError where an end's promise was broken, or where
   * nothing was committed that a crash could strike.
   */
  async crashes({ atMost }: { readonly atMost?: number } = {}): Promise<CrashReport[]> {
    const { built: topology, options } = this
    const steps = [...this.steps]
    const run = async (driver: TopologyTestDriver) => {
      for (const step of steps) await step(driver)
    }
    const create = (reached: NonNullable<TestDriverOptions['reached']>) =>
      TopologyTestDriver.create(topology, { ...options, reached })
    return keptPromises(await crashPoints({ topology, create, run }, atMost))
  }

  private async reopen(): Promise<void> {
    await this.worker.open()
    await this.worker.drain()
  }

  /** Removes what stores on disk have left in the temporary folder; a topology without any leaves nothing. */
  async close(): Promise<void> {
    await this.folder?.remove()
  }

  private decoded(topic: string): TestOutput[] {
    const decode = this.records.decoderOf(topic)
    if (decode === undefined) throw this.unknownTopic(topic)
    return this.kafka.log
      .filter(record => record.topic === topic && record.headers?.[timeHeader] === undefined)
      .map(decode)
  }
}
