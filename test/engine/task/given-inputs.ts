import { type Codec, SchemaMissing } from '../../../src/codecs/codec'
import type { Batch, DamagedRange } from '../../../src/connectors/source'
import type { GraphNode, SourceSpec } from '../../../src/dsl/graph'
import type { Codecs } from '../../../src/engine/task/codec-book'
import { Input } from '../../../src/engine/task/input'
import { DecodeError } from '../../../src/errors'
import type { Headers } from '../../../src/record'
import { batchOf as memoryBatch } from '../../../src/testing/memory-kafka'

export const at = { topic: 't', partition: 3 }

/** Texts; `#7` needs the schema 7, which has to be loaded, and `!` can't be read. */
export function texts(): Codec<string | null> {
  const loaded = new Set<number>()
  return {
    encode: value => (value === null ? null : Buffer.from(value)),
    decode: (buffer, start, end) => {
      if (start < 0) return null
      const text = buffer.toString('utf8', start, end)
      if (text === '!') throw new DecodeError('not a text')
      const id = Number(/^#(\d)$/.exec(text)?.[1] ?? 0)
      if (id > 0 && !loaded.has(id)) throw new SchemaMissing(id)
      return text
    },
    load: async id => void loaded.add(id),
  }
}

export interface Given {
  readonly spec?: Partial<SourceSpec>
  readonly position?: number
  readonly codecs?: Codecs
}

/** An input whose records may be 50 ms ahead of Kafka's timestamps, and what it tells. */
export function inputOf({ spec = {}, position = 0, codecs = { key: texts(), value: texts() } }: Given = {}) {
  const node = { kind: 'source', spec: { topic: 't', ...spec } } as GraphNode<'source'>
  const bad: { readonly offset: number; readonly text: string; readonly error: Error }[] = []
  const times: unknown[] = []
  const input = new Input(node, at.topic, at.partition, codecs, 50, position, {
    bad: (_, { batch, index, error }) =>
      bad.push({
        offset: batch.offsets[index]!,
        text: batch.buffer.toString('utf8', batch.valueStart[index], batch.valueEnd[index]),
        error: error as Error,
      }),
    times: (topic, said) => times.push([topic, [...said]]),
  })
  return { input, bad, times }
}

export interface Written {
  readonly offset: number
  readonly value?: string | null
  readonly key?: string | null
  readonly timestamp?: number
  readonly headers?: Headers
}

const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))

export function batchOf(records: readonly Written[], over: Partial<Batch> = {}): Batch {
  const logged = records.map(({ offset, value = `v${offset}`, key = null, timestamp = 1_000 + offset, headers }) => ({
    ...{ ...at, offset, timestamp, key: bytes(key), value: bytes(value), ...(headers && { headers }) },
  }))
  return { ...memoryBatch(at, logged), ...over }
}

export const damage = (firstOffset: number, lastOffset: number, before: number): DamagedRange => ({
  ...{ ...at, firstOffset, lastOffset, before, timestamp: -1, reason: 'lost', bytes: Buffer.from('??') },
})

/** The values of the records that follow, each with the position behind it. */
export function rest(input: Input): (readonly [unknown, number])[] {
  const seen: (readonly [unknown, number])[] = []
  while (input.ready()) {
    const value = input.head?.value
    input.advance()
    seen.push([value, input.position])
  }
  return seen
}
