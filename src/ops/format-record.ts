import { keyBytes, valueBytes } from '../connectors/batch'
import type { ConsumedBatch } from '../connectors/kafka/read/consumed-batch'
import { UsageError } from './errors'
import { type Decoders, plainText, type TopicFacts } from './record-json'

type Part = (facts: TopicFacts, decoders: Decoders, batch: ConsumedBatch, index: number) => string

/** Bytes; -1 for null, as kcat has it. */
const length = (bytes: Buffer | null) => `${bytes?.length ?? -1}`

const PARTS: Readonly<Record<string, Part>> = {
  t: facts => facts.topic,
  p: (_, __, batch) => `${batch.partition}`,
  o: (_, __, batch, i) => `${batch.offsets[i]}`,
  T: (_, __, batch, i) => `${batch.timestamps[i]}`,
  k: (_, { key }, batch, i) => plainText(key, keyBytes(batch, i)) ?? '',
  s: (_, { value }, batch, i) => plainText(value, valueBytes(batch, i)) ?? '',
  h: (_, __, batch, i) =>
    batch
      .headerList(i)
      .map(([name, value]) => `${name.toString()}=${value?.toString('utf8') ?? 'NULL'}`)
      .join(','),
  K: (_, __, batch, i) => length(keyBytes(batch, i)),
  S: (_, __, batch, i) => length(valueBytes(batch, i)),
  '%': () => '%',
}
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', 0: '\0' }

/**
 * kcat's format strings: `%t` topic, `%p` partition, `%o` offset, `%T` timestamp (ms), `%k` key, `%s` value, `%K` and `%S` their lengths (bytes), `%h` headers,
 * `%%`;
 * `\n`, `\t`, `\r`, `\0`. Throws UsageError.
 */
export function formatRecord(format: string): Part {
  const parts: Part[] = []
  for (const [piece] of format.matchAll(/%.|\\.|[^%\\]+|[%\\]$/gs)) {
    if (piece.startsWith('\\')) {
      const letter = ESCAPES[piece[1] ?? '']
      if (letter === undefined) throw new UsageError(`--format knows \\n, \\t, \\r, \\0 and \\\\, not "${piece}"`)
      parts.push(() => letter)
    } else if (piece.startsWith('%')) {
      const part = PARTS[piece[1] ?? '']
      if (part === undefined)
        throw new UsageError(
          `--format knows ${Object.keys(PARTS)
            .map(each => `%${each}`)
            .join(' ')}, not "${piece}"`,
        )
      parts.push(part)
    } else parts.push(() => piece)
  }
  return (...record) => parts.map(part => part(...record)).join('')
}
