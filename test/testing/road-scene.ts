import type { CommittedOffset, Output, WrittenOffsets } from '../../src/connectors/ledger'
import type { Chunk, Sink, SinkPosition, Target } from '../../src/connectors/sink'
import type { Checkpoint } from '../../src/engine/task/checkpoint'
import type { Task } from '../../src/engine/task/task'
import { CommitRoad, type CommitRoadOptions } from '../../src/engine/worker/commit-road'

export const turn = () => new Promise(setImmediate)

/** What an answer waits for, where it waits. */
export class Gate {
  open = () => {}
  shut = (_error: Error) => {}
  readonly passed = new Promise<void>((resolve, reject) => {
    this.open = resolve
    this.shut = reject
  })
}

/** An end that notes in `order` what it is given; it answers at once where it has no gate. */
export class FakeSink {
  readonly target: Target
  readonly targets: Target[]
  readonly positions: (readonly SinkPosition[])[] = []
  gate: Gate | undefined

  constructor(
    private readonly kind: string,
    private readonly order: string[],
    guarantee = 'exactly_once',
  ) {
    this.target = { end: { kind, guarantee }, name: `${kind} target` } as Target
    this.targets = [this.target]
  }

  write = async (task: string, _target: Target, { count }: Chunk) => {
    this.order.push(`${this.kind} write ${task} ${count}`)
    await this.gate?.passed
  }

  commit = async (positions: readonly SinkPosition[]) => {
    this.order.push(`${this.kind} commit`)
    this.positions.push(positions)
    await this.gate?.passed
  }
}

/** A task that is dirty until its next checkpoint, which holds this. */
export function taskOf(id: string, order: string[], held: Partial<Checkpoint> = {}) {
  let isDirty = true
  const checkpoint: Checkpoint = {
    ...{ task: id, oldestMs: undefined, segment: [] as never },
    ...{ offsets: [], positions: [], chunks: [], outputs: [], marks: [], ...held },
  }
  const sealed: (readonly [Checkpoint, WrittenOffsets | undefined])[] = []
  const task = {
    id,
    disk: undefined as Gate | undefined,
    get isDirty() {
      return isDirty
    },
    checkpoint() {
      order.push(`checkpoint ${id}`)
      isDirty = false
      return checkpoint
    },
    async seal(of: Checkpoint, written?: WrittenOffsets) {
      order.push(`seal ${id}`)
      sealed.push([of, written])
      await task.disk?.passed
    },
  }
  return Object.assign(task, { checkpointed: checkpoint, sealed })
}

export const asTasks = (...tasks: unknown[]) => tasks as Task[]

/** A commit's road to two ends and a Kafka, of which `order` notes what happens. */
export function roadScene(options: Partial<CommitRoadOptions> = {}, mqttGuarantee = 'at_least_once') {
  const order: string[] = []
  const table = new FakeSink('table', order)
  const mqtt = new FakeSink('mqtt', order, mqttGuarantee)
  const offsets: (readonly CommittedOffset[])[] = []
  const outputs: (readonly Output[])[] = []
  const written = [{ topic: 'out', partition: 0, baseOffset: 5 }]
  const kafka = { gate: undefined as Gate | undefined }
  const ledger = {
    async commit(some: readonly CommittedOffset[], more: readonly Output[]) {
      order.push('kafka')
      offsets.push(some)
      outputs.push(more)
      await kafka.gate?.passed
      return written
    },
  }
  const sinks = [table, mqtt] as unknown as Sink[]
  const road = new CommitRoad({ sinks, ledger, partitionCount: () => 2, ...options })
  const at = (kind: string, next: number) => ({ topic: 'in', partition: 0, next, kind })
  const chunk = (sink: FakeSink, count: number) => ({ target: sink.target, chunk: { count, bytes: count } })
  return { order, table, mqtt, offsets, outputs, written, kafka, road, at, chunk }
}
