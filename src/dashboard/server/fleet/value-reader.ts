import type { AvroTypeJson } from '../../../codecs/avro-schema'
import { valueEndOf, valueStartOf } from '../../../connectors/batch'
import type { Batch } from '../../../connectors/source'
import { DecodeError, UnavailableError } from '../../../errors'
import type { Registry } from '../../../ops/registry'
import { avroFigures, type ReadFigures } from './avro-figures'
import { jsonFields, schemaFields, timeMsOf, type ValueFields } from './value-fields'

/** Magic byte and schema id. */
const headerBytes = 5
const openBrace = 0x7b
/** The least time between two requests for a schema that couldn't be loaded, ms. */
const againMs = 5_000

interface Writer {
  readonly read: ReadFigures
  readonly msPerUnit: number | undefined
}

const noFigures: ValueFields = { figures: [], time: undefined, identity: undefined }

/** Reads one figure of each value, and its time, from the registry's Avro and from JSON. */
export class ValueReader {
  /** Of the value that was read last: the figure, NaN where it is null; and when it was taken, ms, NaN where the value doesn't say. */
  figure = Number.NaN
  timeMs = Number.NaN
  /** The number of the thing that the value is about, for records without a key: a field such as `sensor_id`. */
  identity = Number.NaN
  private fields: ValueFields = noFigures
  private chosen: string | undefined
  private readonly writers = new Map<number, Writer>()
  private readonly refused = new Map<number, { readonly reason: string; readonly untilMs: number }>()
  private readonly out = new Float64Array(3)

  /** @param wanted The figure's name; empty: the first that there is. */
  constructor(
    private readonly registry: Pick<Registry, 'byId'>,
    private readonly wanted: string,
  ) {}

  /** The fields of the values; none before the first value. */
  get known(): ValueFields {
    return this.fields
  }

  /** The figure that is read; undefined until a value had one. */
  get field(): string | undefined {
    return this.chosen
  }

  /** The id of a schema that a batch's values need and that has to be loaded first; undefined where there is none. */
  missingOf(batch: Batch): number | undefined {
    const { buffer, count } = batch
    let known = -1
    for (let i = 0; i < count; i++) {
      const start = valueStartOf(batch, i)
      if (start < 0 || buffer[start] !== 0 || valueEndOf(batch, i) - start < headerBytes) continue
      const id = buffer.readInt32BE(start + 1)
      if (id === known) continue
      if (!this.writers.has(id) && (this.refused.get(id)?.untilMs ?? 0) < performance.now()) return id
      known = id
    }
    return undefined
  }

  /** Throws DecodeError for bytes that are no such value. */
  read(buffer: Buffer, start: number, end: number): void {
    this.figure = Number.NaN
    this.timeMs = Number.NaN
    this.identity = Number.NaN
    if (buffer[start] === openBrace) this.readJson(buffer, start, end)
    else this.readAvro(buffer, start, end)
  }

  private readAvro(buffer: Buffer, start: number, end: number): void {
    if (buffer[start] !== 0 || end - start < headerBytes)
      throw new DecodeError('the value is neither Avro of a registry nor a JSON object')
    const id = buffer.readInt32BE(start + 1)
    const writer = this.writers.get(id)
    if (writer === undefined) throw new DecodeError(this.refused.get(id)?.reason ?? `schema ${id} is not known`)
    writer.read(buffer, start + headerBytes, end, this.out)
    this.figure = this.out[0]!
    this.identity = this.out[2]!
    if (!Number.isNaN(this.out[1]!)) this.timeMs = timeMsOf(this.out[1]!, writer.msPerUnit)
  }

  private readJson(buffer: Buffer, start: number, end: number): void {
    let value: unknown
    try {
      value = JSON.parse(buffer.toString('utf8', start, end))
    } catch (cause) {
      throw new DecodeError('the value is no JSON', { cause })
    }
    if (this.chosen === undefined) this.choose(jsonFields(value))
    const figure = at(value, this.chosen)
    if (typeof figure === 'number') this.figure = figure
    const identity = at(value, this.fields.identity)
    if (typeof identity === 'number') this.identity = identity
    const time = at(value, this.fields.time?.name)
    // JSON says times in seconds, whatever the schema's unit is.
    if (typeof time === 'number') this.timeMs = timeMsOf(time, undefined)
  }

  /** Chooses the figure: of the fields that a schema declares, or that the first JSON value has. */
  private choose(fields: ValueFields): void {
    if (fields.figures.length === 0) return
    this.fields = fields
    const chosen =
      fields.figures.find(({ name }) => name === this.wanted)?.name ?? this.chosen ?? fields.figures[0]?.name
    // Readers that were compiled for another figure don't fit any more.
    if (chosen !== this.chosen) this.writers.clear()
    this.chosen = chosen
  }

  /** Fetches a schema that is missing. Rejects with UnavailableError while the registry is away. */
  async load(id: number): Promise<void> {
    try {
      const found = await this.registry.byId(id)
      if (found === undefined) throw new DecodeError(`the registry has no schema ${id}`)
      if (found.type !== 'AVRO') throw new DecodeError(`schema ${id} is of ${found.type}, and Avro and JSON are read`)
      const schema: AvroTypeJson = JSON.parse(found.schema)
      const fields = schemaFields(schema)
      this.choose(fields)
      const paths = [this.chosen ?? '', fields.time?.name ?? '', fields.identity ?? ''].map(pathOf)
      this.writers.set(id, { read: avroFigures(schema, paths), msPerUnit: fields.time?.msPerUnit })
    } catch (error) {
      if (error instanceof UnavailableError) throw error
      this.refused.set(id, { reason: (error as Error).message, untilMs: performance.now() + againMs })
    }
  }
}

/** A path that no field has stands for "none". */
const pathOf = (name: string): readonly string[] => (name === '' ? ['\0'] : name.split('.'))

function at(value: unknown, name: string | undefined): unknown {
  if (name === undefined) return undefined
  let inside: unknown = value
  for (const part of name.split('.')) {
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, part)) return undefined
    inside = (inside as Readonly<Record<string, unknown>>)[part]
  }
  return inside
}
