import { DecodeError } from '../../errors'
import { UsageError } from '../../ops/errors'
import { bytesOfBase64, bytesOfText, type PartName, partsOf, textOf } from '../../ops/record-parts'
import { itemAt } from '../../required'
import type { TestRecord } from '../../testing/test-driver'
import type { TestBytes } from '../../testing/topic-records'

/** A record for a topology on the test driver. */
export interface TestInput extends TestRecord {
  readonly topic: string
  /** The line, for messages. */
  readonly where: string
  /** Key and value as a topic has them, for what the topology's own serdes don't write: a text as it is, all else as JSON. Throws UsageError. */
  readonly bytes: () => TestBytes
  /** The line shows bytes (`weir consume` does of what is no text), which its key and value only stand for. */
  readonly isBytes: boolean
}

/** Names that a line may call a record's parts; `weir consume` prints the second ones. */
const names = { value: ['value', 'payload'], timestamp: ['timestamp', 'ts'] } as const

/** How the sources of a topology read a value that is plain JSON, by topic; only those that read it beside Avro. */
export type PlainReaders = ReadonlyMap<string, (json: Buffer) => unknown>

export interface TestInputOptions {
  readonly sources: readonly string[]
  readonly keyField?: string | undefined
  readonly plain: PlainReaders
}

/**
 * Reads a line: `{"topic", "key", "value", "timestamp"}`, timestamp in ms, or a value alone: as the topology would read it, so that a
 * reading's time is seconds as its producer writes them, where its source takes JSON. `where` names the line. Throws UsageError.
 */
export function testInput(line: string, where: string, { sources, keyField, plain }: TestInputOptions): TestInput {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    throw new UsageError(`${where} is no JSON: ${line.slice(0, 100)}`)
  }
  const record = isRecord(parsed) ? parsed : { value: valueAlone(parsed, line, plain.get(itemAt(sources, 0))) }
  const valueName = names.value.find(name => name in record)
  const value = valueName === undefined ? undefined : record[valueName]
  const timeName = names.timestamp.find(name => name in record)
  const timestamp = timeName === undefined ? 0 : record[timeName]
  if (typeof timestamp !== 'number' || !(timestamp >= 0))
    throw new UsageError(`${where}: timestamp has to be ms since 1970, 0 or more, and is ${JSON.stringify(timestamp)}`)
  return {
    topic: topicOf(record, where, sources),
    where,
    key: keyOf(record, value, keyField),
    value,
    timestamp,
    ...placeOf(record),
    ...bytesOf(line, where, { ...record, payload: value }),
  }
}

/** The bytes of a line's key and payload: those that `weir consume` has read, where it says so. */
function bytesOf(line: string, where: string, record: Record<string, unknown>): Pick<TestInput, 'bytes' | 'isBytes'> {
  const told = <T>(make: () => T): T => {
    try {
      return make()
    } catch (error) {
      throw new UsageError(`${where}: ${(error as Error).message}`)
    }
  }
  const parts = told(() => partsOf(line, record))
  const part = (name: PartName) => {
    if (parts.isNull(name)) return null
    if (parts.isBase64(name)) return bytesOfBase64(name, record[name])
    return parts.raw(name) ?? bytesOfText(name, textOf(record[name]), parts.format(name))
  }
  return {
    bytes: () => told(() => ({ key: part('key'), value: part('payload') })),
    isBytes: (['key', 'payload'] as const).some(name => parts.isBase64(name) || parts.format(name) !== undefined),
  }
}

/** What the source makes of the line. What it can't read is taken as it is: values with Avro's own numbers. */
function valueAlone(parsed: unknown, line: string, read: ((json: Buffer) => unknown) | undefined): unknown {
  try {
    return read === undefined ? parsed : read(Buffer.from(line.trim()))
  } catch (error) {
    if (error instanceof DecodeError) return parsed
    throw error
  }
}

function isRecord(parsed: unknown): parsed is Record<string, unknown> {
  return typeof parsed === 'object' && parsed !== null && names.value.some(name => name in parsed)
}

function topicOf({ topic }: Record<string, unknown>, where: string, sources: readonly string[]): string {
  if (topic === undefined) {
    if (sources.length === 1) return itemAt(sources, 0)
    throw new UsageError(`${where}: name the topic, since several are read: ${sources.join(', ')}`)
  }
  if (sources.includes(String(topic))) return String(topic)
  throw new UsageError(`${where}: no step reads topic ${topic}; those that are read: ${sources.join(', ')}`)
}

function keyOf({ key }: Record<string, unknown>, value: unknown, keyField: string | undefined): unknown {
  if (key !== undefined || keyField === undefined) return key ?? null
  const field = (value as Record<string, unknown> | null)?.[keyField]
  return field === undefined || field === null ? null : String(field)
}

const placeOf = ({ partition }: Record<string, unknown>) => (typeof partition === 'number' ? { partition } : {})
