import type { Codec } from '../codecs/codec'
import { MemoryRegistry } from '../codecs/memory-registry'
import { partitionOf } from '../connectors/kafka/write/partitioner'
import { checkedTopology, isKind, type Topology } from '../dsl/graph'
import { topicsInUse } from '../engine/plan/owned-topics'
import { type Plan, planOf } from '../engine/plan/plan'
import { bindCodecs, type CodecBook } from '../engine/task/codec-book'
import { storesOnDisk } from '../engine/task/local-state'
import { timeHeader } from '../engine/task/time-report'
import { TopologyError } from '../errors'
import { deadLetterTopic } from '../names'
import { entryOf } from '../required'
import type { Store } from '../state/store'
import { CapturingSink, captureTargets, type WrittenRecord } from './captured-targets'
import { type CrashReport, crashPoints } from './crash-points'
import { checkDriverOptions, type TestDriverOptions, type TestOutput, type TestRecord } from './driver-options'
import { DriverTasks } from './driver-tasks'
import { keptPromises } from './kept-promises'
import { type LoggedRecord, MemoryKafka } from './memory-kafka'
import { MemoryLedger } from './memory-ledger'
import { type TemporaryState, temporaryState } from './temporary-state'
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
  private readonly worker: DriverTasks
  /** What was done with the driver so far, so that it can be done again. */
  private readonly steps: ((driver: TopologyTestDriver) => Promise<void>)[] = []

  private constructor(
    private readonly built: Topology,
    private readonly plan: Plan,
    private readonly codecs: CodecBook,
    private readonly options: TestDriverOptions,
    private readonly sinks: readonly CapturingSink[],
    private readonly folder: TemporaryState | undefined,
  ) {
    this.kafka = new MemoryKafka(options.partitions ?? 1)
    this.wall = options.wallClockMs ?? 0
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

  private append(topic: string, { key, value, timestamp, partition, headers }: TestRecord): void {
    const source = this.plan.topology.nodes.find(
      node => node.parents.length === 0 && 'topic' in node.spec && node.spec.topic === topic,
    )
    if (source === undefined)
      throw new TopologyError(`no step reads topic ${topic}; those that are read: ${this.sources.join(', ')}`)
    const { partitionCount } = this.kafka
    if (partition !== undefined && !(partition >= 0 && partition < partitionCount))
      throw new TopologyError(
        `topic ${topic} has no partition ${partition}: the driver was created with ${partitionCount}`,
      )
    const codecs = entryOf(this.codecs, source.id)
    const keyBytes = codecs.key.encode(key)
    const at = { topic, partition: partition ?? place(keyBytes, this.kafka.partitionCount) }
    this.kafka.append(at, { key: keyBytes, value: codecs.value.encode(value), timestamp, ...(headers && { headers }) })
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
    const names = this.plan.topology.nodes.flatMap(({ parents, spec }) =>
      parents.length === 0 && 'topic' in spec && 'owner' in spec && spec.owner === 'author' ? [String(spec.topic)] : [],
    )
    return [...new Set(names)]
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

  /** What a topic holds: records of the topology's own, decoded; dead letters as bytes. */
  private decoded(topic: string): TestOutput[] {
    const decode = this.decoderOf(topic)
    return this.kafka.log
      .filter(record => record.topic === topic && record.headers?.[timeHeader] === undefined)
      .map(decode)
  }

  private decoderOf(topic: string): (record: LoggedRecord) => TestOutput {
    const { nodes } = this.plan.topology
    const outs = nodes.filter(each => isKind(each, 'to') || isKind(each, 'repartition'))
    const node =
      outs.find(({ spec }) => spec.topic === topic) ??
      nodes.find(({ spec }) => 'topic' in spec && spec.topic === topic) ??
      outs.find(({ spec }) => typeof spec.topic === 'function')
    const isDeadLetters = nodes.some(each => isKind(each, 'source') && deadLetterTopic(each.spec.topic) === topic)
    if (isDeadLetters) return ({ key, value, timestamp, partition }) => ({ key, value, timestamp, partition })
    if (node === undefined) throw this.unknownTopic(topic)
    const codecs = entryOf(this.codecs, node.id)
    const decode = (codec: Codec<any>, bytes: Buffer | null) =>
      bytes === null ? null : codec.decode(bytes, 0, bytes.length)
    return ({ key, value, timestamp, partition }) => ({
      key: decode(codecs.key, key),
      value: decode(codecs.value, value),
      timestamp,
      partition,
    })
  }
}
