import type { JsonBytes } from '../json-bytes'
import { headerBytes, SchemaForm } from '../schema-form'
import { type AvroToJson, avroToJson } from './avro-json'
import { type AvroWriter, avroWriter } from './avro-write'

/** Values of an Avro schema. */
export class AvroForm extends SchemaForm {
  readonly kind = 'avro'
  private readonly toJson: AvroToJson
  private readonly writer: AvroWriter

  /** Throws Error for what is no Avro schema. */
  constructor(schema: string, id: number) {
    super()
    this.toJson = avroToJson(schema)
    this.writer = avroWriter(schema, id)
  }

  /** As `AvroToJson`. */
  show(buffer: Buffer, start: number, end: number, to: JsonBytes): boolean {
    return this.toJson(buffer, start + headerBytes, end, to)
  }

  encode(value: unknown): Buffer {
    return this.writer.encode(value, true)
  }
}
