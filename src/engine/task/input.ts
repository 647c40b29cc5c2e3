import { SchemaMissing } from '../../codecs/codec'
import { decodeKey, offsetOf, timestampOf } from '../../connectors/batch'
import type { Batch } from '../../connectors/source'
import type { GraphNode } from '../../dsl/graph'
import { DecodeError } from '../../errors'
import type { StreamRecord } from '../../record'
import { isTimed } from '../plan/plan'
import type { Codecs } from './codec-book'
import { damagedRecord } from './damaged-record'
import { parseTimes, type Times, timeHeader, unescapeTimes } from './time-report'

const nullAdvice =
  'the value is null; where null values delete, `timestamp` has to say their time, too: (value, _, kafkaTimestamp) => value?.at ?? kafkaTimestamp'

/** A writer's schema that has to be fetched before the head can be decoded. */
export interface MissingSchema {
  readonly id: number
  readonly load: () => Promise<void>
}

/** A record at the head of an input that can't be decoded. */
export interface BadRecord {
  readonly batch: Batch
  readonly index: number
  readonly error: unknown
}

/** What an input finds besides good records. */
export interface InputEvents {
  bad(input: Input, bad: BadRecord): void
  /** The times of the tasks upstream of a repartition topic. */
  times(topic: string, times: Times): void
}

/** What `Input.look` has found. */
export type Found = 'record' | 'passed' | 'nothing'

const noRecords: Omit<Batch, 'topic' | 'partition'> = {
  ...{ buffer: Buffer.alloc(0), count: 0, bytes: 0, nextOffset: 0 },
  ...{ offsets: new Float64Array(0), timestamps: new Float64Array(0) },
  ...{ keyStart: new Int32Array(0), keyEnd: new Int32Array(0) },
  ...{ valueStart: new Int32Array(0), valueEnd: new Int32Array(0) },
  headers: () => undefined,
}

/**
 * One source partition of a task: batches in, records out, one at a time. The head is decoded before it is taken, since a
 * task of several inputs chooses by timestamp.
 */
export class Input {
  /** The decoded record at the head; undefined when there is none. */
  head: StreamRecord | undefined
  /** The batch of the head, and where in it. */
  batch: Batch
  index = 0
  /** Set when the head waits for a writer's schema. */
  missingSchema: MissingSchema | undefined
  private caughtUp = false
  /** The Kafka timestamp (ms) of the first record since `takeOldestMs`, processed or not. */
  private oldestMs: number | undefined
  private takenPosition: number
  /** That of the last record of the batch before, which is soon gone: a trickle has no batch at hand most of the time. */
  private batchBeforeMs: number | undefined
  private readonly queue: Batch[] = []
  /** The batch's next damaged range, and the index of the record that it lies before: -1 without one. */
  private damage = 0
  private damageIndex = -1
  /** Whether upstream's times come between the records. */
  private readonly hasTimes: boolean
  /** The batch while there is none: an empty one. */
  private readonly none: Batch

  constructor(
    readonly node: GraphNode<'source'>,
    readonly topic: string,
    readonly partition: number,
    private readonly codecs: Codecs,
    private readonly maxFutureMs: number,
    /** Everything below has been processed or passed over. */
    public position: number,
    private readonly on: InputEvents,
  ) {
    this.hasTimes = isTimed(node.spec)
    this.takenPosition = position
    this.none = { ...noRecords, topic, partition }
    this.batch = this.none
  }

  feed(batch: Batch): void {
    this.queue.push(batch)
    this.oldestMs ??= batch.timestamps[0]
  }

  /** The Kafka timestamp (ms) of the next record that isn't processed; undefined where none is here. */
  get nextRecordMs(): number | undefined {
    const { batch, index } = this
    return index < batch.count ? batch.timestamps[index] : this.queue[0]?.timestamps[0]
  }

  /** The Kafka timestamp (ms) of the last record that was processed or passed over; undefined before the first. */
  get lastRecordMs(): number | undefined {
    return this.batch.timestamps[this.index - 1] ?? this.batchBeforeMs
  }

  /** The Kafka timestamp (ms) of the first record that was processed since the last call; undefined where none was. */
  takeOldestMs(): number | undefined {
    const { oldestMs, takenPosition, position } = this
    this.oldestMs = this.nextRecordMs
    this.takenPosition = position
    return position === takenPosition ? undefined : oldestMs
  }

  /** Whether everything that the partition holds is in: then an empty queue doesn't hold the other inputs up. */
  get isCaughtUp(): boolean {
    return this.caughtUp
  }

  noteCaughtUp(isCaughtUp: boolean): void {
    this.caughtUp = isCaughtUp
  }

  /** Batches that wait behind the current one. */
  get queued(): number {
    return this.queue.length
  }

  /**
   * Decodes the head: a `record`, or `nothing` where there is none or its schema is missing. `passed`: the head wasn't for the steps (a bad record,
   * upstream's times) and was passed over; the next look is at the one behind it. Passing over counts as work, so that a turn ends.
   */
  look(): Found {
    while (this.head === undefined) {
      if (this.missingSchema !== undefined) return 'nothing'
      if (this.index === this.damageIndex) {
        this.passDamage()
        return 'passed'
      }
      if (this.index < this.batch.count) return this.decode(this.batch, this.index)
      if (!this.nextBatch()) return 'nothing'
    }
    return 'record'
  }

  /** Passes over what isn't for the steps, and says whether a record follows. */
  ready(): boolean {
    let found = this.look()
    while (found === 'passed') found = this.look()
    return found === 'record'
  }

  /** The head has been processed. */
  advance(): void {
    const { batch } = this
    this.head = undefined
    this.position = offsetOf(batch, this.index) + 1
    this.index++
    if (this.index >= batch.count && this.damageIndex === -1) this.position = batch.nextOffset
  }

  /** The key of a record that was refused; undefined where it can't be read either. */
  keyOf(batch: Batch, index: number): unknown {
    try {
      return decodeKey(this.codecs.key, batch, index)
    } catch {
      return undefined
    }
  }

  /** Drops everything and continues from `position`. */
  reset(position: number): void {
    this.queue.length = 0
    this.batch = this.none
    this.head = this.missingSchema = undefined
    this.index = 0
    this.damageIndex = -1
    this.position = this.takenPosition = position
    this.oldestMs = undefined
    this.caughtUp = false
  }

  private nextBatch(): boolean {
    const next = this.queue.shift()
    this.batchBeforeMs = this.lastRecordMs
    this.index = 0
    this.batch = next ?? this.none
    this.damage = 0
    this.damageIndex = next?.damaged?.[0]?.before ?? -1
    if (next === undefined) return false
    if (next.count === 0 && this.damageIndex === -1) this.position = next.nextOffset
    return true
  }

  /** Reports the damaged range before the record at `index` as a bad record, and passes over its offsets. */
  private passDamage(): void {
    const { batch } = this
    const range = batch.damaged?.[this.damage++]
    if (range === undefined) return
    this.damageIndex = batch.damaged?.[this.damage]?.before ?? -1
    this.on.bad(this, damagedRecord(range))
    const isLast = this.damageIndex === -1 && this.index >= batch.count
    this.position = isLast ? batch.nextOffset : range.lastOffset + 1
  }

  private decode(batch: Batch, index: number): Found {
    if (this.hasTimes && this.takeTimes(batch, index)) return 'passed'
    try {
      const { key: keyCodec, value: valueCodec } = this.codecs
      const key = this.part(keyCodec, batch.buffer, batch.keyStart[index]!, batch.keyEnd[index]!)
      if (this.missingSchema !== undefined) return 'nothing'
      const value = this.part(valueCodec, batch.buffer, batch.valueStart[index]!, batch.valueEnd[index]!)
      if (this.missingSchema !== undefined) return 'nothing'
      const logged = timestampOf(batch, index)
      const timestamp = this.timeOf(value, key, logged)
      if (!(timestamp >= 0)) throw new DecodeError(`timestamp ${timestamp} is not a time: has to be ms, 0 or more`)
      if (timestamp > logged + this.maxFutureMs)
        throw new DecodeError(
          `timestamp is ${Math.round(timestamp - logged)} ms ahead of the record's Kafka timestamp, more than MAX_FUTURE_MS ${this.maxFutureMs}`,
        )
      const written = batch.headers(index)
      const headers = written !== undefined && this.hasTimes ? unescapeTimes(written) : written
      this.head = headers === undefined ? { key, value, timestamp } : { key, value, timestamp, headers }
      return 'record'
    } catch (error) {
      this.on.bad(this, { batch, index, error })
      this.advance()
      return 'passed'
    }
  }

  /** Event time is whole ms, as in Kafka Streams. */
  private timeOf(value: unknown, key: unknown, logged: number): number {
    const extract = this.node.spec.timestamp
    if (extract === undefined) return logged
    try {
      return Math.floor(extract(value, key, logged))
    } catch (cause) {
      const why = value === null ? nullAdvice : (cause as Error).message
      throw new DecodeError(`the timestamp can't be taken from the record: ${why}`, { cause })
    }
  }

  /** Upstream's times come in the topic itself, behind the records that they apply to. */
  private takeTimes(batch: Batch, index: number): boolean {
    const header = batch.headers(index)?.[timeHeader]
    const times = header && parseTimes(header)
    if (times === undefined) return false
    this.on.times(this.topic, times)
    this.advance()
    return true
  }

  /** A key or a value; undefined, and `missingSchema` set, where its schema has to be fetched first. */
  private part(codec: Codecs['key'], buffer: Buffer, start: number, end: number): unknown {
    try {
      return codec.decode(buffer, start, end)
    } catch (error) {
      if (!(error instanceof SchemaMissing)) throw error
      const { id } = error
      this.missingSchema = {
        id,
        load: async () => {
          await codec.load?.(id)
          this.missingSchema = undefined
        },
      }
      return undefined
    }
  }
}

/** The Kafka timestamp (ms) of the oldest record that was processed since the last call; undefined where none was. */
export function takeOldestMs(inputs: readonly Input[]): number | undefined {
  const known = inputs.flatMap(input => input.takeOldestMs() ?? [])
  return known.length === 0 ? undefined : Math.min(...known)
}
