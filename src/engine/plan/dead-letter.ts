import { createHash } from 'node:crypto'
import type { Broker } from '../../connectors/broker'
import type { OutputRecord } from '../../connectors/ledger'
import type { Batch } from '../../connectors/source'
import { deadLetterTopic } from '../../names'
import type { Plan } from './plan'

/** Kafka's default for the largest record batch, bytes (message.max.bytes). */
const usualLargestBytes = 1_048_588
/** Room that a dead letter has beyond the source's largest record, for its headers. */
const roomBytes = 64 * 1024
/** The largest dead letter where neither topic says anything, bytes. */
export const usualDeadLetterBytes = usualLargestBytes + roomBytes

/**
 * How large the dead letters of each source topic may be, bytes: what their topic takes where it exists, else the source's largest
 * record and room for the headers.
 */
export async function deadLetterLimits(
  plan: Plan,
  broker: Pick<Broker, 'topicConfigs'>,
): Promise<ReadonlyMap<string, number>> {
  const sources = plan.subTopologies.flatMap(part => part.sources.map(({ spec }) => spec.topic))
  const found = await broker.topicConfigs([...new Set(sources.flatMap(topic => [topic, deadLetterTopic(topic)]))])
  const largest = (topic: string) => Number(found.get(topic)?.get('max.message.bytes') ?? 0)
  const limit = (topic: string) => largest(deadLetterTopic(topic)) || (largest(topic) || usualLargestBytes) + roomBytes
  return new Map(sources.map(topic => [topic, limit(topic)]))
}

/** What a record batch with one record needs beside key, value and headers, at most. */
const framingBytes = 128
/** What the notes of cut parts need: lengths, and SHA-256 of key and value. */
const cutNoteBytes = 512

/** At most: a character of a name has up to three bytes. */
function bytesOf(headers: Readonly<Record<string, Buffer>>): number {
  let bytes = 0
  for (const name in headers) bytes += 10 + name.length * 3 + headers[name]!.length
  return bytes
}

/**
 * A bad record as a dead letter: key, value and headers as they were, origin and error in headers. What doesn't fit into `maxBytes`
 * is cut, the value first, then the headers, the key last; the length and SHA-256 of what was cut are told.
 */
export function deadLetter(batch: Batch, index: number, step: string, error: unknown, maxBytes: number): OutputRecord {
  const slice = (start: number, end: number) => (start < 0 ? null : Buffer.from(batch.buffer.subarray(start, end)))
  const own: Record<string, Buffer> = {}
  const set = (name: string, value: string | number) => {
    own[`weir.${name}`] = Buffer.from(String(value))
  }
  set('origin.topic', batch.topic)
  set('origin.partition', batch.partition)
  set('origin.offset', batch.offsets[index]!)
  set('origin.timestamp', batch.timestamps[index]!)
  set('step', step)
  set('error.class', error instanceof Error ? error.name : typeof error)
  set('error.message', (error instanceof Error ? error.message : String(error)).slice(0, 4096))
  let room = maxBytes - framingBytes - cutNoteBytes - bytesOf(own)
  const cut = (name: string, whole: Buffer | null) => {
    const kept = whole?.subarray(0, Math.max(0, room)) ?? null
    if (whole !== null && kept !== null && kept.length < whole.length) {
      set(`${name}.length`, whole.length)
      set(`${name}.sha256`, createHash('sha256').update(whole).digest('hex'))
    }
    room -= kept?.length ?? 0
    return kept
  }
  const key = cut('key', slice(batch.keyStart[index]!, batch.keyEnd[index]!))
  const headers = batch.headers(index) ?? {}
  const headersBytes = bytesOf(headers)
  const fits = headersBytes <= room
  if (fits) room -= headersBytes
  else set('headers.length', headersBytes)
  const value = cut('value', slice(batch.valueStart[index]!, batch.valueEnd[index]!))
  const timestamp = Math.max(0, batch.timestamps[index]!)
  return { key, value, timestamp, headers: fits ? { ...headers, ...own } : own }
}
