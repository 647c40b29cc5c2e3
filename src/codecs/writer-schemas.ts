import type { Type } from 'avsc'
import { DecodeError } from '../errors'
import { anyAvroType, anyWriterType } from './avro-faults'
import { resolverOf } from './avro-resolution'
import type { AvroTypeJson } from './avro-schema'
import { writerAvroType, writtenPart } from './avro-types'
import { unitsOf } from './avro-units'
import type { SchemaRegistry } from './codec'
import { SchemaMissing } from './codec'
import { itemCounts } from './item-counts'
import { unreadableParts } from './schema-changes'
import { SchemaError } from './schema-text'

/** How to read what a writer wrote: avsc's resolver, or none where writer and reader agree. */
export interface Writer {
  readonly resolver: ReturnType<Type['createResolver']> | undefined
  /** Throws for arrays and maps that announce more than the bytes hold; undefined where the schema has none. */
  readonly checkCounts: ReturnType<typeof itemCounts>
  /** Its schema, as far as it is about bytes. */
  readonly json: unknown
}

/** An id that can't be read: why, and until when it isn't asked for again (monotonic ms). */
interface Refusal {
  readonly reason: string
  readonly untilMs: number
}

/** How long an id that the registry does not have is not asked for again: it may be registered late, or restored. */
export const unknownIdRetryMs = 30_000
/** Ids are 32 bits of anyone's choice: how many bad ones are remembered. */
const maxRefusals = 10_000

/** The writers' schemas that a codec has met, by registry id: each is fetched and compiled once. */
export class WriterSchemas {
  private readonly writers = new Map<number, Writer>()
  private readonly anyReaders = new Map<number, (buffer: Buffer, at: number) => unknown>()
  private readonly refusals = new Map<number, Refusal>()
  private readonly loading = new Map<number, Promise<void>>()

  constructor(
    private readonly reader: Type,
    private readonly schema: AvroTypeJson,
    private readonly name: string,
    private readonly registry: SchemaRegistry,
  ) {}

  /** Throws SchemaMissing when `load` has to be awaited first, DecodeError for an id that can't be read. */
  get(id: number): Writer {
    const writer = this.writers.get(id)
    if (writer !== undefined) return writer
    const refusal = this.refusals.get(id)
    if (refusal === undefined || performance.now() >= refusal.untilMs) throw new SchemaMissing(id)
    throw new DecodeError(refusal.reason)
  }

  /** Reads a value as it is on the wire, without what makes `reader` refuse it. Slow: for a message. */
  readAny(id: number, buffer: Buffer, at: number): unknown {
    let decode = this.anyReaders.get(id)
    if (decode === undefined) {
      const reader = anyAvroType(this.schema)
      const resolver = resolverOf(reader, anyWriterType(this.get(id).json), true)
      decode = (bytes, start) => reader.decode(bytes, start, resolver).value
      this.anyReaders.set(id, decode)
    }
    return decode(buffer, at)
  }

  /** Rejects with UnavailableError while the registry is down; calls for one id share one request. */
  load(id: number): Promise<void> {
    const running = this.loading.get(id)
    if (running !== undefined) return running
    const started = this.fetch(id).finally(() => this.loading.delete(id))
    this.loading.set(id, started)
    return started
  }

  /** Takes in a writer's schema. */
  add(id: number, json: unknown): void {
    try {
      this.writers.set(id, this.compile(json))
      this.refusals.delete(id)
    } catch (error) {
      // A registered schema never changes; but what stands before a registry may answer for it.
      const reason = `schema ${id} can't be read as ${this.name}: ${(error as Error).message}`
      this.refuse(id, reason, performance.now() + unknownIdRetryMs)
    }
  }

  private async fetch(id: number): Promise<void> {
    let json: unknown
    try {
      json = await this.registry.schemaById(id)
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error
      return this.refuse(id, `schema ${id} can't be used: ${error.message}`, performance.now() + unknownIdRetryMs)
    }
    if (json !== undefined) this.add(id, json)
    else this.refuse(id, `the registry has no schema ${id}`, performance.now() + unknownIdRetryMs)
  }

  private refuse(id: number, reason: string, untilMs: number): void {
    if (this.refusals.size >= maxRefusals) this.refusals.clear()
    this.refusals.set(id, { reason, untilMs })
  }

  private compile(json: unknown): Writer {
    const written = writtenPart(json)
    const faults = unreadableParts(this.schema, written as AvroTypeJson)
    if (faults.length > 0) throw new Error(faults.join('; '))
    const writer = writerAvroType(written)
    const same =
      JSON.stringify(writer.schema()) === JSON.stringify(this.reader.schema()) &&
      unitsOf(written) === unitsOf(this.schema)
    return {
      resolver: same ? undefined : resolverOf(this.reader, writer, true),
      checkCounts: itemCounts(writer),
      json: written,
    }
  }
}
