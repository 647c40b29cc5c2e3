import { SchemaMissing } from '../../src/codecs/codec'
import type { ConsumedBatch } from '../../src/connectors/kafka/read/consumed-batch'
import type { HeaderList } from '../../src/header-lists'
import { JsonBytes } from '../../src/ops/json-bytes'
import { encodeLine, type LineOptions, type NewRecord } from '../../src/ops/line-encoder'
import { type Format, RecordDecoder } from '../../src/ops/record-decoder'
import { prepare, RecordWriter } from '../../src/ops/record-json'
import type { Registry } from '../../src/ops/registry'
import { WriterCache } from '../../src/ops/writer-cache'

export interface Given {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: HeaderList
  readonly timestamp: number
}

export const registryOf = (schemas: ReadonlyMap<number, string>) =>
  ({
    byId: async (id: number) => {
      const schema = schemas.get(id)
      return schema === undefined ? undefined : { type: 'AVRO', schema }
    },
  }) as Registry

function batchOf({ key, value, headers, timestamp }: Given): ConsumedBatch {
  const buffer = Buffer.concat([
    Buffer.from('before'),
    key ?? Buffer.alloc(0),
    value ?? Buffer.alloc(0),
    Buffer.from('after'),
  ])
  const [start, middle] = [6, 6 + (key?.length ?? 0)]
  return {
    ...{ topic: 't', partition: 3, count: 1, buffer, offsets: [7], timestamps: [timestamp] },
    ...{ keyStart: [key === null ? -1 : start], keyEnd: [middle] },
    ...{ valueStart: [value === null ? -1 : middle], valueEnd: [middle + (value?.length ?? 0)] },
    headerList: () => headers,
  } as unknown as ConsumedBatch
}

/** What `weir consume | weir produce --records` makes of a record. */
export async function copied(
  given: Given,
  schemas: ReadonlyMap<number, string>,
  formats: [Format, Format] = ['auto', 'auto'],
  options: Partial<LineOptions> = {},
): Promise<NewRecord> {
  const registry = registryOf(schemas)
  const decoders = { key: new RecordDecoder(formats[0], registry), value: new RecordDecoder(formats[1], registry) }
  const batch = batchOf(given)
  await prepare(decoders, batch)
  const to = new JsonBytes()
  new RecordWriter({ topic: 't', timestampType: 'create', leader: () => 1 }, decoders).write(batch, 0, to)
  const line = to.take().toString('utf8')
  expect(line).not.toMatch(/[\r\n]/)
  const writers = new WriterCache(registry)
  for (;;) {
    try {
      return encodeLine(line, { input: 'records', keepPartition: true, schemas: writers, ...options })
    } catch (error) {
      if (!(error instanceof SchemaMissing)) throw error
      await writers.load(error.id)
    }
  }
}

export async function expectSame(given: Given, schemas: ReadonlyMap<number, string> = new Map()): Promise<void> {
  const copy = await copied(given, schemas)
  expect(copy.key).toEqual(given.key)
  expect(copy.value).toEqual(given.value)
  expect(copy.timestamp).toBe(given.timestamp)
  expect(copy.partition).toBe(3)
  expect(copy.headerList ?? Object.entries(copy.headers ?? {})).toEqual(given.headers)
}

export const framed = (id: number, body: Buffer) => {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, body])
}
