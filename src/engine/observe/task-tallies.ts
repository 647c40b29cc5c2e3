import type { Broker } from '../../connectors/broker'
import { isKept } from '../../state/store'
import type { InputTally, TaskTally } from '../../vitals/format'
import type { Clock } from '../task/clock'
import type { Task } from '../task/task'
import type { WantedTask } from '../worker/wanted-task'
import type { InputPosition, Worker } from '../worker/worker'
import type { Rates } from './rates'

/** The ends of partitions are asked for so often while nothing is read, ms. */
const askMs = 2_000

/** What a worker's tasks are doing; of those that an outage has stopped, where they stopped and how far the log has grown since. */
export class TaskTallies {
  private last: readonly TaskTally[] = []
  /** By `topic/partition`. */
  private readonly lastRecordMs = new Map<string, number>()
  private readonly ends = new Map<string, number>()
  private readonly committed = new Map<string, number>()
  private askedAtMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly broker: Pick<Broker, 'partitionStates'>,
    private readonly clock: Clock,
  ) {}

  of(worker: Worker, rates: Rates): readonly TaskTally[] {
    const { slots, state, wanted } = worker
    if (slots.size > 0) {
      this.last = this.running(worker, rates)
      return this.last
    }
    const hasEnded = state === 'stopped' || state === 'failed'
    if (hasEnded) return this.last.map(task => this.held(task))
    this.askFor(wanted)
    // Between two generations it isn't known whose they will be.
    return wanted.map(each => this.held(this.last.find(({ id }) => id === each.id) ?? this.unopened(each)))
  }

  private running(worker: Worker, rates: Rates): TaskTally[] {
    const positions = worker.inputs()
    return [...worker.slots.values()].map(({ task }) => ({
      ...{ id: task.id, part: task.plan.id, partition: task.partition, streamTimeMs: task.streamTime },
      status: worker.isSearched(task.id) ? 'searching' : worker.state === 'running' ? 'running' : 'holding',
      processed: worker.tally.processed.get(task.id) ?? 0,
      rate: rates.of('task', task.id),
      queuedBytes: task.sinkBytes,
      inputs: positions.filter(input => input.task === task.id).map(input => this.input(input)),
      stores: storesOf(task),
    }))
  }

  private input({ topic, partition, position, end, nextRecordMs, lastRecordMs }: InputPosition): InputTally {
    const at = `${topic}/${partition}`
    if (lastRecordMs !== undefined) this.lastRecordMs.set(at, lastRecordMs)
    if (end !== undefined) this.ends.set(at, end.endOffset)
    const known = end && { end: end.endOffset, lag: Math.max(0, end.endOffset - position) }
    return this.withTimes({ topic, partition, position, ...known }, nextRecordMs)
  }

  /** The next record is as old as the last one, where it isn't at hand. */
  private withTimes(input: InputTally, nextRecordMs: number | undefined): InputTally {
    const lastRecordMs = this.lastRecordMs.get(`${input.topic}/${input.partition}`)
    const oldest = nextRecordMs ?? lastRecordMs
    const lagMs = input.lag === 0 ? 0 : oldest && Math.max(0, this.clock.now() - oldest)
    return {
      ...input,
      ...(lagMs !== undefined && { lagMs }),
      ...(lastRecordMs !== undefined && { lastRecordMs }),
    }
  }

  private held(task: Omit<TaskTally, 'status' | 'rate'>): TaskTally {
    const inputs = task.inputs.map(input => {
      const end = this.ends.get(`${input.topic}/${input.partition}`) ?? input.end
      const grown = end === undefined ? input : { ...input, end, lag: Math.max(0, end - input.position) }
      return this.withTimes(grown, undefined)
    })
    return { ...task, inputs, status: 'holding', rate: 0 }
  }

  /** A task that a service has kept from being opened: it will begin at what the group has committed. */
  private unopened({ id, part, partition }: WantedTask): Omit<TaskTally, 'status' | 'rate'> {
    const inputs = part.sources.flatMap(({ spec: { topic } }) => {
      const position = this.committed.get(`${topic}/${partition}`)
      return position === undefined ? [] : [{ topic, partition, position }]
    })
    return {
      ...{ id, part: part.id, partition, streamTimeMs: -1, processed: 0 },
      ...{ queuedBytes: 0, inputs, stores: [] },
    }
  }

  private askFor(wanted: readonly WantedTask[]): void {
    const now = this.clock.monotonic()
    if (wanted.length === 0 || now - this.askedAtMs < askMs) return
    this.askedAtMs = now
    const inputs = wanted.flatMap(({ part, partition }) =>
      part.sources.map(({ spec: { topic } }) => ({ topic, partition })),
    )
    this.broker.partitionStates(inputs).then(
      states => {
        for (const { topic, partition, highWatermark, committed } of states) {
          this.ends.set(`${topic}/${partition}`, highWatermark)
          this.committed.set(`${topic}/${partition}`, committed)
        }
      },
      // Kafka is away too: what was known last stays.
      () => undefined,
    )
  }
}

const storesOf = (task: Task): TaskTally['stores'] =>
  [...task.stores].map(([name, store]) => ({
    ...{ name, entries: store.size },
    ...(isKept(store) && { bytes: store.bytes }),
  }))
