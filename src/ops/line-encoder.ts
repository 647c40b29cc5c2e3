import type { AvroWriter } from './avro-write'

/** A record as it was typed or piped in. */
export interface NewRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer>>
  readonly partition?: number
  /** ms. */
  readonly timestamp?: number
}

export interface LineOptions {
  /**
   * `lines`: each line is a value, or key and value around `keySeparator`. `records`: each is a JSON object as `weir consume`
   * prints it, with `key`, `payload` and, optionally, `headers`, `partition`, `ts`.
   */
  readonly input: 'lines' | 'records'
  readonly keySeparator?: string
  /** For records without a key of their own. */
  readonly key?: string
  /** Takes the key from this field of the value, `sensor_id` or `device.id`. */
  readonly keyField?: string
  /** Records go to the partition that they name (`records` only); otherwise by key. */
  readonly keepPartition?: boolean
  /** An empty value is a tombstone. */
  readonly emptyIsNull?: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** How values are written; undefined writes the text as it is, checked to be JSON with `json`. */
  readonly avro?: AvroWriter
  readonly json?: boolean
}

/** Encodes one line. Throws Error that says what is wrong with it. */
export function encodeLine(line: string, options: LineOptions): NewRecord {
  return options.input === 'records' ? fromRecord(line, options) : fromText(line, options)
}

function fromText(line: string, options: LineOptions): NewRecord {
  const { keySeparator } = options
  let text = line
  let key = options.key
  if (keySeparator !== undefined) {
    const at = line.indexOf(keySeparator)
    if (at < 0) throw new Error(`there is no "${keySeparator}" between key and value`)
    key = line.slice(0, at)
    text = line.slice(at + keySeparator.length)
  }
  if (text === '' && options.emptyIsNull) return finish(key ?? null, null, options)
  const structured = options.avro !== undefined || options.json === true || options.keyField !== undefined
  if (!structured) return finish(key ?? null, Buffer.from(text), options)
  const value = parse(text)
  const bytes = options.avro === undefined ? Buffer.from(text) : options.avro.encode(value)
  return finish(keyOf(value, key ?? null, options), bytes, options)
}

function fromRecord(line: string, options: LineOptions): NewRecord {
  const record = parse(line) as Record<string, unknown> | null
  if (typeof record !== 'object' || record === null || Array.isArray(record) || !('payload' in record)) {
    throw new Error('a record is an object with payload, and may have key, headers, partition and ts')
  }
  const { key, payload, headers, partition, ts } = record
  const own = key === undefined || key === null ? (options.key ?? null) : textOf(key)
  const finished = finish(keyOf(payload, own, options), bytesOf(payload, options), options, headersOf(headers))
  const keep = options.keepPartition === true && partition !== undefined
  if (keep && !Number.isInteger(partition)) throw new Error(`partition ${JSON.stringify(partition)} is no number`)
  if (ts !== undefined && !Number.isSafeInteger(ts)) throw new Error(`ts ${JSON.stringify(ts)} is no time in ms`)
  return {
    ...finished,
    ...(keep ? { partition: partition as number } : {}),
    ...(ts === undefined ? {} : { timestamp: ts as number }),
  }
}

function bytesOf(payload: unknown, { avro }: LineOptions): Buffer | null {
  if (payload === null) return null
  return avro === undefined ? Buffer.from(textOf(payload)) : avro.encode(payload)
}

function keyOf(value: unknown, own: string | null, { keyField }: LineOptions): string | null {
  if (keyField === undefined) return own
  let found: unknown = value
  for (const step of keyField.split('.')) found = (found as Record<string, unknown> | null | undefined)?.[step]
  if (found === undefined || found === null)
    throw new Error(`field ${keyField}, which the key is taken from, is missing`)
  return textOf(found)
}

function finish(
  key: string | null,
  value: Buffer | null,
  options: LineOptions,
  own?: Readonly<Record<string, Buffer>>,
): NewRecord {
  const headers: Record<string, Buffer> = { ...own }
  for (const [name, text] of Object.entries(options.headers ?? {})) headers[name] = Buffer.from(text)
  const extra = Object.keys(headers).length === 0 ? {} : { headers }
  return { key: key === null ? null : Buffer.from(key), value, ...extra }
}

/** kcat's list of names and values in turn, or an object. */
function headersOf(headers: unknown): Record<string, Buffer> | undefined {
  if (headers === undefined || headers === null) return undefined
  const found: Record<string, Buffer> = {}
  if (Array.isArray(headers)) {
    for (let i = 0; i + 1 < headers.length; i += 2) found[textOf(headers[i])] = Buffer.from(textOf(headers[i + 1]))
  } else if (typeof headers === 'object') {
    for (const [name, value] of Object.entries(headers)) found[name] = Buffer.from(textOf(value))
  } else throw new Error('headers are a list of names and values in turn, or an object')
  return found
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`it is no JSON: ${(error as Error).message}`)
  }
}
