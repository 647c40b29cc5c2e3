import {
  type Chunk,
  type Encoder,
  kindOf,
  type Sink,
  type SinkPosition,
  type SinkTask,
  type Target,
} from '../connectors/sink'
import { isKind, type Topology } from '../dsl/graph'
import type { Position } from '../errors'
import type { StreamRecord } from '../record'
import { itemAt } from '../required'

/** A record as an end outside Kafka was given it. */
export interface WrittenRecord extends StreamRecord<any, any> {
  readonly origin: Position
}

interface RecordChunk extends Chunk {
  readonly records: readonly WrittenRecord[]
}

/**
 * The topology with each target replaced by one that keeps records beside encoding them: the real encoder's checks hold, and a
 * test reads values instead of bytes.
 */
export function captureTargets(
  topology: Topology,
  sinkOf: (targets: readonly Target[]) => CapturingSink,
): { topology: Topology; sinks: CapturingSink[] } {
  const captured = new Map<Target, Target>()
  const nodes = topology.nodes.map(node => {
    if (!isKind(node, 'sink')) return node
    const { target } = node.spec
    const known = captured.get(target) ?? { ...target, encoder: () => new CapturingEncoder(target.encoder()) }
    captured.set(target, known)
    return { ...node, spec: { target: known } }
  })
  const kinds = new Set([...captured.values()].map(target => target.end.kind))
  const sinks = [...kinds].map(kind => sinkOf([...captured.values()].filter(target => target.end.kind === kind)))
  return { topology: { ...topology, nodes }, sinks }
}

class CapturingEncoder implements Encoder {
  private records: WrittenRecord[] = []
  constructor(private readonly inner: Encoder) {}

  get bytes(): number {
    return this.inner.bytes
  }

  encode(record: StreamRecord, origin: Position): void {
    this.inner.encode(record, origin)
    this.records.push({ ...record, origin: { ...origin } })
  }

  mark(): number {
    return this.records.length
  }

  reset(mark: number): void {
    if (mark === this.records.length) return
    const kept = this.records.slice(0, mark)
    this.records = []
    this.inner.reset(0)
    for (const record of kept) this.encode(record, record.origin)
  }

  take(): RecordChunk | undefined {
    const chunk = this.inner.take()
    const records = this.records
    this.records = []
    return chunk && { count: chunk.count, bytes: chunk.bytes, records }
  }
}

/** An end in memory with a position per partition, as Postgres keeps it: what isn't committed is dropped by `abort`. */
export class CapturingSink implements Sink {
  private readonly durable = new Map<string, WrittenRecord[]>()
  private readonly positions = new Map<string, number>()
  protected pending: { target: Target; chunk: RecordChunk }[] = []

  constructor(readonly targets: readonly Target[]) {}

  get kind(): string {
    return kindOf(this)
  }

  private get keepsPositions(): boolean {
    return itemAt(this.targets, 0).end.guarantee === 'exactly_once'
  }

  /** An end that is at least once keeps no position; the others skip what they have. */
  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    this.pending = []
    return tasks.map(({ topic, partition }) =>
      this.keepsPositions ? (this.positions.get(`${topic}/${partition}`) ?? 0) : 0,
    )
  }

  async write(_task: string, target: Target, chunk: Chunk): Promise<void> {
    this.pending.push({ target, chunk: chunk as RecordChunk })
    // What an end without positions has been sent can't be taken back.
    if (!this.keepsPositions) this.apply()
  }

  async commit(positions: readonly SinkPosition[]): Promise<void> {
    this.apply()
    for (const { topic, partition, next } of positions) this.positions.set(`${topic}/${partition}`, next)
  }

  async abort(): Promise<void> {
    this.pending = []
  }

  async release(): Promise<void> {}
  async close(): Promise<void> {}

  written(target: string): readonly WrittenRecord[] {
    return this.durable.get(target) ?? []
  }

  private apply(): void {
    for (const { target, chunk } of this.pending)
      this.durable.set(target.name, [...this.written(target.name), ...chunk.records])
    this.pending = []
  }
}
