import type { AvroNode } from '../../codecs/avro-node'
import { type Position, ProcessError } from '../../errors'
import type { StreamRecord } from '../../record'
import { itemAt } from '../../required'
import { jsonWriter } from '../json-value'
import { boundOf, type JsonWriter } from '../json-writer'
import { originBound, type PayloadWriter, writeOrigin } from './frame-encoder'

type Value = Readonly<Record<string, unknown>>

interface JsonField extends JsonWriter {
  readonly name: string
}

/** Writes the JSON object of a record schema's fields, in their order. Its beginning can be prepared once and copied. */
export class JsonPayload implements PayloadWriter {
  private readonly fields: readonly JsonField[]
  /** The text before each field's value. */
  private readonly texts: readonly Uint8Array[]
  private readonly fixedBound: number
  private readonly boundless: readonly JsonField[]
  /** How many leading fields are in the prepared beginning. */
  private skip = 0

  constructor(
    record: AvroNode,
    private readonly origin: boolean,
  ) {
    this.fields = record.fields.map(({ name, node }) => ({ name, ...jsonWriter(name, node, 'message') }))
    this.texts = this.fields.map((field, i) => Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(field.name)}:`))
    this.boundless = this.fields.filter(field => typeof field.bound !== 'number')
    const fixed = this.fields.map(field => (typeof field.bound === 'number' ? field.bound : 0))
    const all = [...fixed, ...this.texts.map(text => text.length)]
    this.fixedBound = all.reduce((sum, size) => sum + size, 1 + (origin ? originBound : 0))
  }

  /** Whether the first field is this one, so that the beginning can be prepared with its value. */
  beginsWith(field: string): boolean {
    const [first, second] = this.fields
    return second !== undefined && first?.name === field && typeof first.bound === 'number'
  }

  /** The payload up to the second field's value; from now on `write` leaves it out. */
  beginning(value: unknown): Uint8Array {
    this.skip = 1
    const [opening, between] = [itemAt(this.texts, 0), itemAt(this.texts, 1)]
    const bytes = Buffer.alloc(this.fixedBound)
    bytes.set(opening)
    const end = itemAt(this.fields, 0).write(bytes, opening.length, value)
    return Buffer.concat([bytes.subarray(0, end), between])
  }

  bound(record: StreamRecord): number {
    if (this.boundless.length === 0) return this.fixedBound
    const value = (record.value ?? {}) as Value
    let bound = this.fixedBound
    for (const field of this.boundless) bound += (field.bound as (value: unknown) => number)(value[field.name])
    return bound
  }

  write(bytes: Buffer, at: number, record: StreamRecord, origin: Position): number {
    const value = record.value as Value | null
    if (value === null) throw new ProcessError('MQTT payload: the value is null')
    const { fields, texts, skip } = this
    let end = at
    if (fields.length === 0) bytes[end++] = 123
    for (let i = skip; i < fields.length; i++) {
      const field = fields[i]!
      if (i > skip || skip === 0) end = copy(bytes, end, texts[i]!)
      end = field.write(bytes, end, value[field.name])
    }
    if (this.origin) end = writeOrigin(bytes, end, origin)
    bytes[end] = 125
    return end + 1
  }
}

/** For the few bytes of a field's name a loop is faster than `set`. */
function copy(bytes: Buffer, at: number, text: Uint8Array): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text[i]!
  return at + text.length
}

/** The payload of a schema that is no record: its value alone, as JSON. */
export function bareJson(name: string, node: AvroNode): PayloadWriter {
  const writer = jsonWriter(name, node, 'message')
  return {
    bound: ({ value }) => boundOf(writer, value),
    write(bytes, at, { value }) {
      if (value === null) throw new ProcessError('MQTT payload: the value is null')
      return writer.write(bytes, at, value)
    },
  }
}

/** The payload that a function of the user's makes. */
export function customPayload(value: (record: StreamRecord) => Buffer): PayloadWriter {
  let made: Buffer = Buffer.alloc(0)
  return {
    bound(record) {
      made = value(record)
      return made.length
    },
    write(bytes, at) {
      bytes.set(made, at)
      return at + made.length
    },
  }
}
