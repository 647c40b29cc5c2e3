import { createHash } from 'node:crypto'
import { keyBytes, offsetOf, timestampOf, valueBytes } from '../../connectors/batch'
import type { Broker } from '../../connectors/broker'
import type { OutputRecord } from '../../connectors/ledger'
import type { Batch } from '../../connectors/source'
import { type HeaderList, listOf } from '../../header-lists'
import { deadLetterTopic } from '../../names'
import type { Windowed } from '../../record'
import { authorsLines } from './authors-lines'
import { type Plan, readTopics } from './plan'

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
  const sources = readTopics(plan)
  const topics = [...new Set(sources.flatMap(topic => [topic, deadLetterTopic(topic)]))]
  const found = await broker.topicConfigs(topics, ['max.message.bytes'])
  const largest = (topic: string) => Number(found.get(topic)?.get('max.message.bytes') ?? 0)
  const limit = (topic: string) => largest(deadLetterTopic(topic)) || (largest(topic) || usualLargestBytes) + roomBytes
  return new Map(sources.map(topic => [topic, limit(topic)]))
}

/** What a record batch with one record needs beside key, value and headers, at most. */
const framingBytes = 128
/** What the notes of cut parts need: lengths, and SHA-256 of key and value. */
const cutNoteBytes = 512

/** At most: a character of a name has up to three bytes. */
function bytesOf(headers: HeaderList): number {
  let bytes = 0
  for (const [name, value] of headers) bytes += 10 + name.length * 3 + (value?.length ?? 0)
  return bytes
}

/** What failed, where, and whose it is. */
export interface Fault {
  readonly application: string
  /** `0_3`: sub-topology and partition. */
  readonly task: string
  readonly step: string
  readonly error: unknown
}

const longestMessage = 4_096
const longestStack = 8_192
const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? '') : '')

/** Headers of a dead letter: whose it is and what was wrong. */
function faultHeaders({ application, task, step, error }: Fault): Map<string, string | number> {
  const headers = new Map<string, string | number>([
    ['application', application],
    ['task', task],
    ['step', step],
    ['error.class', error instanceof Error ? error.name : typeof error],
    ['error.message', (error instanceof Error ? error.message : String(error)).slice(0, longestMessage)],
  ])
  const [at] = authorsLines(error)
  if (at !== undefined) headers.set('error.at', at)
  return headers
}

const inBytes = (own: ReadonlyMap<string, string | number>): Record<string, Buffer> =>
  Object.fromEntries([...own].map(([name, value]) => [`weir.${name}`, Buffer.from(String(value))]))

/**
 * A bad record as a dead letter: key, value and headers as they were, origin and fault in headers. What doesn't fit into `maxBytes`
 * is cut, the value first, then the headers, the key last; the length and SHA-256 of what was cut are in headers.
 */
export function deadLetter(batch: Batch, index: number, fault: Fault, maxBytes: number): OutputRecord {
  const copy = (bytes: Buffer | null) => bytes && Buffer.from(bytes)
  const own = faultHeaders(fault)
  own.set('origin.topic', batch.topic)
  own.set('origin.partition', batch.partition)
  own.set('origin.offset', offsetOf(batch, index))
  own.set('origin.timestamp', timestampOf(batch, index))
  const key = copy(keyBytes(batch, index))
  const value = copy(valueBytes(batch, index))
  const timestamp = Math.max(0, timestampOf(batch, index))
  return fitted({ key, value, timestamp, headers: batch.headers(index) ?? {} }, own, fault, maxBytes)
}

/** A result that no single record has caused as a dead letter: its key and value as JSON, its window in headers. */
export function resultLetter(
  { key, value }: { readonly key: unknown; readonly value: unknown },
  timestamp: number,
  fault: Fault,
  maxBytes: number,
): OutputRecord {
  const own = faultHeaders(fault)
  const { window, key: inner } = (key ?? {}) as Partial<Windowed<unknown>>
  if (window !== undefined) {
    own.set('window.start', window.start)
    own.set('window.end', window.end)
  }
  const record = { key: jsonOf(window === undefined ? key : inner), value: jsonOf(value), timestamp, headers: {} }
  return fitted(record, own, fault, maxBytes)
}

/** What JSON has no number for is written as text: it may be the very fault. */
function jsonOf(value: unknown): Buffer | null {
  if (value === undefined || value === null) return null
  const plain = (_: string, each: unknown) =>
    typeof each === 'bigint' || (typeof each === 'number' && !Number.isFinite(each)) ? String(each) : each
  try {
    return Buffer.from(JSON.stringify(value, plain) ?? String(value))
  } catch {
    return Buffer.from(String(value))
  }
}

/** Cuts a dead letter to size. */
function fitted(
  { key: wholeKey, value: wholeValue, timestamp, headers = {} }: OutputRecord,
  own: Map<string, string | number>,
  { error }: Fault,
  maxBytes: number,
): OutputRecord {
  let room = maxBytes - framingBytes - cutNoteBytes - bytesOf(Object.entries(inBytes(own)))
  const cut = (name: string, whole: Buffer | null) => {
    const kept = whole?.subarray(0, Math.max(0, room)) ?? null
    if (whole !== null && kept !== null && kept.length < whole.length) {
      own.set(`${name}.length`, whole.length)
      own.set(`${name}.sha256`, createHash('sha256').update(whole).digest('hex'))
    }
    room -= kept?.length ?? 0
    return kept
  }
  const key = cut('key', wholeKey)
  const list: HeaderList = listOf(headers) ?? Object.entries(headers)
  const headersBytes = bytesOf(list)
  const fits = headersBytes <= room
  if (fits) room -= headersBytes
  else own.set('headers.length', headersBytes)
  const value = cut('value', wholeValue)
  // The stack takes what room is left.
  const stack = Buffer.from(stackOf(error)).subarray(0, Math.max(0, Math.min(longestStack, room - cutNoteBytes)))
  if (stack.length > 0) own.set('error.stack', stack.toString('utf8'))
  if (!fits || list.length === 0) return { key, value, timestamp, headers: inBytes(own) }
  // Weir's own stand behind: what a producer has called like them stays, and is never taken for them.
  return { key, value, timestamp, headerList: [...list, ...Object.entries(inBytes(own))] }
}
