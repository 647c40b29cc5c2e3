import type { Sink } from '../../src/connectors/sink'
import type { TopicPartition } from '../../src/connectors/source'
import type { LoopParts } from '../../src/engine/worker/loop/loop-parts'
import { ProcessLoop } from '../../src/engine/worker/loop/process-loop'
import type { OpenTasks } from '../../src/engine/worker/open-tasks'
import { Quarantine } from '../../src/engine/worker/quarantine'
import { Tally } from '../../src/engine/worker/tally'

/** A task that has `left` records to process, each of `bytes` for its sinks. */
export class LoopTask {
  left = 0
  bytes = 0
  processed = 0
  records = 0
  sinkBytes = 0
  /** For Kafka, until the next commit. */
  outputBytes = 0
  /** The room that each of its turns had. */
  readonly rooms: number[] = []
  readonly held = { isThere: false }
  readonly inputs: LoopInput[] = []
  touched = 0
  readonly state = {
    touch: async () => {
      this.touched++
    },
  }
  wallClocks = 0
  readonly time = {
    nextWallClock: undefined as number | undefined,
    punctuateWallClock: () => {
      this.wallClocks++
      this.outputBytes += this.bytes
    },
    advance: () => {},
  }

  constructor(readonly id: string) {}

  get gatheredBytes(): number {
    return this.sinkBytes + this.outputBytes
  }

  get isDirty(): boolean {
    return this.records > 0 || this.gatheredBytes > 0
  }

  get share() {
    return { task: this.id, records: this.records, last: undefined, ...none, dropped: [] }
  }

  process(max: number): number {
    this.rooms.push(max)
    const done = Math.min(max, this.left)
    this.left -= done
    this.processed += done
    this.records += done
    this.sinkBytes += done * this.bytes
    return done
  }

  takeChunks() {
    const { sinkBytes } = this
    this.sinkBytes = 0
    return [sinkBytes]
  }

  checkpoint(): void {
    this.records = this.sinkBytes = this.outputBytes = 0
    this.held.isThere = false
  }
}

/** What of an input the loop knows. */
interface LoopInput {
  topic: string
  partition: number
  queued: number
  missingSchema?: object
  node?: object
  feed?: (batch: object) => void
}

const none = { results: 0, letters: 0, retained: 0 }

interface Told {
  readonly failed: (error: unknown) => void
  readonly away: (sink: Sink, error: Error) => boolean
}

/** A road on which nothing moves before the test says so. */
export class LoopRoad {
  isUneven = false
  outage: Error | undefined
  told: Told | undefined
  /** Whether commits are made at once. */
  isQuick = true
  readonly givenUp: unknown[] = []
  readonly writes: { readonly task: string; readonly chunks: unknown; readonly done: () => void }[] = []
  readonly commits: { readonly tasks: string[]; readonly done: () => void; readonly fail: (error: unknown) => void }[] =
    []

  tell(told: Told): void {
    this.told = told
  }

  giveUp(error: unknown): void {
    this.givenUp.push(error)
  }

  write(task: string, chunks: unknown): Promise<void> {
    return new Promise(done => this.writes.push({ task, chunks, done }))
  }

  commit(tasks: readonly LoopTask[]): Promise<unknown[]> {
    const dirty = tasks.filter(({ isDirty }) => isDirty)
    if (dirty.length === 0) return Promise.resolve([])
    for (const task of dirty) task.checkpoint()
    const checkpoints = dirty.map(({ id }) => ({ task: id, offsets: [] }))
    return new Promise((resolve, fail) => {
      const done = () => resolve(checkpoints)
      this.commits.push({ tasks: dirty.map(({ id }) => id), done, fail })
      if (this.isQuick) done()
    })
  }
}

/** A loop over tasks of these names; its turns come when the test wakes it (with fake timers), and its clock is the test's. */
export async function loopScene(ids: readonly string[], commitIntervalMs = 200) {
  const time = { ms: 1_000 }
  const clock = { now: () => time.ms, monotonic: () => time.ms }
  const [road, quarantine, tally] = [new LoopRoad(), new Quarantine(), new Tally(clock)]
  const tasks = ids.map(id => new LoopTask(id))
  const slots = new Map(tasks.map(task => [task.id, { task, idle: undefined, sealed: new Map() }]))
  const [removed, deleted, lost, missed] = [[] as unknown[], [] as unknown[], [] as unknown[], new Set<string>()]
  const reader = {
    take: () => undefined as object | undefined,
    peek: (_: TopicPartition) => undefined as object | undefined,
    end: () => undefined,
    remove: (input: TopicPartition) => void removed.push(input.topic),
  }
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const ledger = { prove: (): Promise<void> => new Promise(() => {}) }
  const parts = {
    ...{ reader, clock, log, quarantine, tally, missed, maxTaskIdleMs: 0, commitIntervalMs, looks: undefined },
    broker: { deleteRecordsBefore: async (all: unknown) => void deleted.push(all) },
    outages: { lost: (service: string) => void lost.push(service), back: () => {} },
  }
  const loop = new ProcessLoop({ road, slots, ledger } as unknown as OpenTasks, parts as unknown as LoopParts)
  const bornAt = loop.turnAt
  let commits = 0
  let failure: unknown
  let isOver = false
  loop
    .run(() => commits++)
    .catch(error => {
      failure = error
    })
    .finally(() => {
      isOver = true
    })
  /** One turn, at this time. */
  const at = async (ms = time.ms) => {
    time.ms = ms
    loop.wake()
    await settled()
  }
  /** What the loop has failed of; undefined where it was stopped. */
  const ended = async () => {
    await settled()
    if (!isOver) throw new Error('the loop goes on')
    return failure
  }
  await settled()
  return {
    ...{
      bornAt,
      ledger,
      loop,
      road,
      quarantine,
      tally,
      tasks,
      slots,
      removed,
      deleted,
      lost,
      missed,
      reader,
      time,
      at,
      ended,
    },
    commits: () => commits,
  }
}

/** Once everything has happened that waits for nobody. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 8; i++) await new Promise(setImmediate)
}
