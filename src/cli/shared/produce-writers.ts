import { UnavailableError } from '../../errors'
import { UsageError } from '../../ops/errors'
import type { KeyFormat, LineOptions } from '../../ops/line-encoder'
import { keyWriter, type NamedSchema, schemaWriter, topicWriter } from '../../ops/topic-writer'
import type { Call, VerbOption } from './verb'

/** How keys and values are to be written. */
export interface WriteOptions {
  readonly keyFormat: KeyFormat | 'text' | 'avro'
  readonly valueFormat: KeyFormat | 'auto' | 'avro' | 'json' | 'text'
  readonly keySchema?: NamedSchema
  readonly valueSchema?: NamedSchema
}

type Formats = Pick<LineOptions, 'avro' | 'avroKey' | 'json' | 'keyFormat' | 'valueFormat'>

/** `--key-schema` or `--value-schema`. */
export const schemaOption = (part: 'key' | 'value'): VerbOption => ({
  flags: `--${part}-schema <subject[:version]>`,
  about: `write ${part}s as Avro by this schema instead of the latest of <topic>-${part}`,
  completes: 'subject',
  parse(text): NamedSchema {
    const match = /^(.+?)(?::(\d+))?$/.exec(text)
    if (match?.[1] === undefined)
      throw new UsageError(`a schema is named by its subject, orders-${part} or orders-${part}:2`)
    return { subject: match[1], ...(match[2] === undefined ? {} : { version: Number(match[2]) }) }
  },
})

/** What encodes the lines, and whether nothing was said of the values. Throws UsageError, NotFoundError. */
export async function writersFor(
  call: Call<WriteOptions & { readonly keyField?: string }>,
  topic: string,
): Promise<{ formats: Formats; isAuto: boolean }> {
  const { options, registry } = call
  const { keyFormat, valueFormat, keySchema, valueSchema } = options
  if (keySchema !== undefined && !['text', 'avro'].includes(keyFormat))
    throw new UsageError(`--key-schema writes Avro: no --key-format ${keyFormat}`)
  if (valueSchema !== undefined && !['auto', 'avro'].includes(valueFormat))
    throw new UsageError(`--value-schema writes Avro: no --value-format ${valueFormat}`)
  const plain = valueFormat === 'auto' || valueFormat === 'avro' || valueFormat === 'json' || valueFormat === 'text'
  if (!plain && options.keyField !== undefined)
    throw new UsageError(`--key-field takes the key from a field of JSON: no --value-format ${valueFormat}`)
  const isAvroKey = keyFormat === 'avro' || keySchema !== undefined
  const avroKey = isAvroKey ? await keyWriter(registry(), keySchema ?? { subject: `${topic}-key` }) : undefined
  const avro = valueSchema === undefined ? await valueWriter(call, topic) : await schemaWriter(registry(), valueSchema)
  return {
    isAuto: valueFormat === 'auto' && valueSchema === undefined,
    formats: {
      json: valueFormat === 'json',
      ...(avro === undefined ? {} : { avro }),
      ...(avroKey === undefined ? {} : { avroKey }),
      ...(keyFormat === 'text' || keyFormat === 'avro' ? {} : { keyFormat }),
      ...(plain ? {} : { valueFormat }),
    },
  }
}

/** Undefined: values are written as the text that they are. */
async function valueWriter({ options, out, registry, registryNamed }: Call<WriteOptions>, topic: string) {
  const { valueFormat } = options
  if (valueFormat !== 'auto' && valueFormat !== 'avro') return undefined
  try {
    return await topicWriter(registry(), topic, valueFormat)
  } catch (error) {
    if (!(error instanceof UnavailableError) || registryNamed || valueFormat === 'avro') throw error
    out.note('no schema registry answers: values are written as the text that they are')
    return undefined
  }
}
