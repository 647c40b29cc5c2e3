import type { GraphNode } from '../dsl/graph'
import { TopologyError } from '../errors'
import type { Headers, StreamRecord, Windowed } from '../record'
import { itemAt } from '../required'
import type { Stamped } from '../state/store'
import type { HeldUpdate, SuppressBuffer } from '../state/suppress-buffer'
import { type Change, type Compile, type Emit, type OperatorContext, step } from './operator'
import { OperatorTime } from './operator-time'
import { withHeaders } from './windowed-output'

/**
 * Holds a table's updates back: until their window has closed, or for a while, the latest one a key. `KTableSuppressProcessor`
 * (KIP-328).
 */
export const suppress: Compile<'suppress'> = (node, context) => {
  const suppression = new Suppression(node, context)
  let out: Emit = () => {}
  const bind = (emit: Emit) => {
    out = emit
  }
  context.onAdvance(timeMs => suppression.advance(timeMs, out))
  return {
    inputs: [step(node, context, (record, emit) => suppression.take(record, emit), bind)],
    getter: { get: key => suppression.get(key) },
  }
}

class Suppression {
  private readonly buffer: SuppressBuffer
  private readonly time: OperatorTime
  private readonly parent: number
  /** The held updates are windows: there is one final result of each. */
  private readonly isFinal: boolean

  constructor(
    private readonly node: GraphNode<'suppress'>,
    private readonly context: OperatorContext,
  ) {
    this.buffer = context.store<SuppressBuffer>(node.spec.store)
    this.time = new OperatorTime(node, context)
    this.parent = itemAt(node.parents, 0)
    this.isFinal = node.spec.until === 'windowCloses'
  }

  take({ key, value, timestamp, headers }: StreamRecord<any, Change>, emit: Emit): void {
    this.time.observe(timestamp)
    const { newValue, oldValue } = value
    const { maxBytes } = this.node.spec
    const bytesOf =
      maxBytes === undefined
        ? undefined
        : (prior: unknown) => sizeOf(key, [prior, oldValue, newValue], this.context.origin.topic, headers)
    const order = this.isFinal ? (key as Windowed<unknown>).window.end : timestamp
    this.buffer.put(key, order, { value: newValue, oldValue, timestamp, headers }, bytesOf)
    this.releaseDue(emit)
    this.releaseExcess(emit)
  }

  advance(timeMs: number, emit: Emit): void {
    if (this.time.advance(timeMs)) this.releaseDue(emit)
  }

  /** What downstream has seen of a key. */
  get(key: unknown): Stamped<unknown> | undefined {
    const held = this.buffer.get(key)
    if (held === undefined) return this.context.getter(this.parent).get(key)
    // The timestamp of what downstream has seen isn't known any more.
    return held.prior === null ? undefined : { value: held.prior, timestamp: -1 }
  }

  private release({ key, newValue, oldValue, timestamp, headers }: HeldUpdate, emit: Emit): void {
    // A window that came to nothing has no final result.
    if (!this.isFinal || newValue !== null) {
      if (this.isFinal) this.context.count('windowsClosed', this.node, 1)
      // Still held meanwhile, as in Kafka Streams: a join downstream that reads this table doesn't see the update yet.
      this.context.emitResult(this.node, key, newValue, () =>
        emit(withHeaders(key, { newValue, oldValue } satisfies Change, timestamp, headers)),
      )
    }
    this.buffer.delete(key)
  }

  private releaseDue(emit: Emit): void {
    for (let held = this.buffer.first(); held !== undefined; held = this.buffer.first()) {
      if (held.time > this.time.value - this.node.spec.delayMs) return
      this.release(held, emit)
    }
  }

  private releaseExcess(emit: Emit): void {
    const { buffer, node } = this
    for (let held = buffer.first(); held !== undefined && this.isFull(); held = buffer.first()) {
      if (node.spec.whenFull === 'shutDown')
        throw new TopologyError(
          `step ${node.name}: its buffer is full (${buffer.size} records, ${buffer.bytes} bytes); raise its limit, or let it emit early with whenFull: 'emit'`,
        )
      this.release(held, emit)
    }
  }

  private isFull(): boolean {
    const { maxRecords, maxBytes } = this.node.spec
    return (
      (maxRecords !== undefined && this.buffer.size > maxRecords) ||
      (maxBytes !== undefined && this.buffer.bytes > maxBytes)
    )
  }
}

/** Bytes of a long. */
const long = 8

/** Kafka Streams' estimate of what an update takes, over JSON: buffer time, key, values, and the record's context. */
function sizeOf(
  key: unknown,
  [prior, old, latest]: [unknown, unknown, unknown],
  topic: string,
  headers: Headers | undefined,
): number {
  const priorText = textOf(prior)
  const oldText = textOf(old)
  const values = bytesIn(priorText) + (oldText === priorText ? 0 : bytesIn(oldText)) + bytesIn(textOf(latest))
  let context = 2 * long + 4 + topic.length
  if (headers !== undefined) for (const name in headers) context += name.length + (headers[name]?.length ?? 0)
  return long + keyBytes(key) + values + context
}

function keyBytes(key: unknown): number {
  const windowed = key as Partial<Windowed<unknown>> | null
  if (windowed?.window !== undefined) return keyBytes(windowed.key) + long + 4
  return bytesIn(typeof key === 'string' ? key : textOf(key))
}

const textOf = (value: unknown) => (value === null || value === undefined ? '' : JSON.stringify(value))
const bytesIn = (text: string) => Buffer.byteLength(text)
