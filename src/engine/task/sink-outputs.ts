import type { Chunk, Encoder, Target } from '../../connectors/sink'
import type { GraphNode } from '../../dsl/graph'
import { type Position, ProcessError } from '../../errors'
import type { SinkOutput } from '../../operators/operator'
import type { StreamRecord } from '../../record'
import { itemAt } from '../../required'
import type { KeyValueStore } from '../../state/key-value-store'

/** Chunks that a task hands over to its sinks. */
export interface TargetChunk {
  readonly target: Target
  readonly chunk: Chunk
}

class Way implements SinkOutput {
  readonly encoder: Encoder
  mark = 0
  /** Per source topic: records below this offset were written by a former run. */
  readonly positions = new Map<string, number>()

  constructor(
    readonly target: Target,
    /** The last record per address of a target that retains, so that it can be written again. */
    private readonly retained: KeyValueStore | undefined,
  ) {
    this.encoder = target.encoder()
  }

  write(record: StreamRecord, origin: Position): void {
    const isWritten = origin.offset < (this.positions.get(origin.topic) ?? 0)
    const mark = this.encoder.mark()
    this.encoder.encode(record, origin)
    // A former run has written it, or found here that it can't be: then the record is put aside again, as its dead letter may be missing.
    if (isWritten) this.encoder.reset(mark)
    // State is as of the last commit: it lacks what was retained since.
    const address = this.target.retains?.(record)
    if (this.retained === undefined || address === undefined) return
    // What has cleared its address is nothing to be written again.
    if (record.value === null) this.retained.delete(address)
    else this.retained.put(address, { ...record, origin: { ...origin } })
  }

  /** Returns how many it wrote. */
  writeRetained(isLeftOut: (origin: Position) => boolean): number {
    let written = 0
    for (const { value } of this.retained?.all() ?? []) {
      const { origin, ...record } = value
      if (isLeftOut(origin)) continue
      try {
        this.encoder.encode(record, origin)
        written++
      } catch (error) {
        // The broker's limits are lower than when it took this value: it can't be written again.
        if (!(error instanceof ProcessError)) throw error
      }
    }
    return written
  }
}

/** What a task has for ends outside Kafka since it last handed over. */
export class SinkOutputs {
  private readonly ways: Way[] = []

  of(node: GraphNode<'sink'>, retained: KeyValueStore | undefined): SinkOutput {
    const { target } = node.spec
    const way = new Way(target, retained)
    this.ways.push(way)
    return way
  }

  /** Records of `topic` below `offset` are at the ends of this kind already. */
  skipBelow(kind: string, topic: string, offset: number): void {
    for (const way of this.ways) if (way.target.end.kind === kind) way.positions.set(topic, offset)
  }

  /** Up to where an end of this kind has records of `topic` from a former run. */
  heldUpTo(kind: string, topic: string): number {
    let next = 0
    for (const way of this.ways) if (way.target.end.kind === kind) next = Math.max(next, way.positions.get(topic) ?? 0)
    return next
  }

  /** Remembers where every encoder stands: the start of a record. */
  mark(): void {
    for (const way of this.ways) way.mark = way.encoder.mark()
  }

  /** Takes back what was encoded since `mark`. */
  reset(): void {
    for (const way of this.ways) way.encoder.reset(way.mark)
  }

  /** Where every encoder stands within a record, for `resetTo`. */
  savepoint(): number[] {
    return this.ways.map(({ encoder }) => encoder.mark())
  }

  resetTo(savepoint: readonly number[]): void {
    for (const [i, { encoder }] of this.ways.entries()) encoder.reset(itemAt(savepoint, i))
  }

  /** Takes back everything that was not handed over. */
  clear(): void {
    for (const way of this.ways) way.encoder.reset(0)
  }

  /** What each target has still to be handed, bytes. */
  get queues(): readonly { readonly target: Target; readonly bytes: number }[] {
    return this.ways.map(({ target, encoder }) => ({ target, bytes: encoder.bytes }))
  }

  get bytes(): number {
    let bytes = 0
    for (const way of this.ways) bytes += way.encoder.bytes
    return bytes
  }

  take(): TargetChunk[] {
    const chunks: TargetChunk[] = []
    for (const { encoder, target } of this.ways) {
      const chunk = encoder.take()
      if (chunk !== undefined) chunks.push({ target, chunk })
    }
    return chunks
  }

  /** Encodes the retained values of the ends of one kind again, except those of records that are left out. Returns how many. */
  writeRetained(kind: string, isLeftOut: (origin: Position) => boolean): number {
    let written = 0
    for (const way of this.ways) if (way.target.end.kind === kind) written += way.writeRetained(isLeftOut)
    return written
  }
}
