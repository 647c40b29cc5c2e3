import { avroNode } from '../codecs/avro-node'
import { parseExact } from '../codecs/exact-json'
import { type AvroWriter, avroWriter } from './avro/avro-write'
import { NotFoundError } from './errors'
import type { Registry, SubjectVersion } from './registry'

/** A version of a subject whose schema is to be written by; the latest where none is named. */
export interface NamedSchema {
  readonly subject: string
  readonly version?: number
}

/** Writes keys by a schema. */
export interface AvroKeyWriter {
  /** Throws Error for what doesn't fit. */
  encode(value: unknown): Buffer
  /** A key as it is typed: itself where the schema is of text, else JSON. Throws Error. */
  encodeText(text: string): Buffer
}

/**
 * Writes a topic's values by the latest schema of `<topic>-value`; undefined for `auto` where the registry has none. Throws NotFoundError for a schema that is missing or
 * isn't Avro, UnavailableError.
 */
export async function topicWriter(
  registry: Registry,
  topic: string,
  format: 'auto' | 'avro',
): Promise<AvroWriter | undefined> {
  const subject = `${topic}-value`
  if (format === 'avro') return schemaWriter(registry, { subject })
  const found = await registry.latest(subject)
  return found === undefined ? undefined : (await read(registry, found)).writer
}

/** Writes values by a schema. Throws as `topicWriter` does. */
export async function schemaWriter(registry: Registry, { subject, version }: NamedSchema): Promise<AvroWriter> {
  return (await read(registry, await registry.version(subject, version))).writer
}

/** Writes keys by a schema. Throws as `topicWriter` does. */
export async function keyWriter(registry: Registry, { subject, version }: NamedSchema): Promise<AvroKeyWriter> {
  const { writer, text } = await read(registry, await registry.version(subject, version))
  const isText = ['string', 'enum'].includes(avroNode(text).type)
  return {
    encode: value => writer.encode(value),
    encodeText: key => writer.encode(isText ? key : parsed(key)),
  }
}

function parsed(key: string): unknown {
  try {
    return parseExact(key)
  } catch (error) {
    throw new Error(`the key is no JSON, which its schema needs: ${(error as Error).message}`)
  }
}

async function read(registry: Registry, found: SubjectVersion): Promise<{ writer: AvroWriter; text: string }> {
  if (found.type !== 'AVRO')
    throw new NotFoundError(`subject "${found.subject}" holds ${found.type}, which weir does not write`)
  const text = await registry.whole(found)
  return { writer: avroWriter(text, found.id), text }
}
