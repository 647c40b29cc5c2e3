import {
  type Chunk,
  type Encoder,
  type End,
  type Position,
  ProcessError,
  type StreamRecord,
  type Target,
} from '../../src/ends'
import { FileSink } from './file-sink'

export interface FilesOptions<K, V> {
  /** The folder; made when it is missing. Its `rows/*.ndjson` are the results, in the order of their names. */
  readonly folder: string
  /** What becomes one line; absent: the record's value. */
  readonly line?: (record: StreamRecord<K, V>) => unknown
}

// biome-ignore lint/suspicious/noExplicitAny: an end serves records of any type
export interface FileTarget<K = any, V = any> extends Target<K, V> {
  readonly folder: string
}

export interface LinesChunk extends Chunk {
  readonly lines: readonly string[]
}

/** Folders of newline-delimited JSON, exactly once: rows and positions are one record of the folder's log. */
const fileEnd: End<FileTarget> = {
  kind: 'files',
  guarantee: 'exactly_once',
  connect: targets => new FileSink(targets),
}

/**
 * A target that writes each record as a line of JSON.
 *
 * @example
 * readings.to(files({ folder: '/var/lib/readings' }))
 */
export function files<K = unknown, V = unknown>({ folder, line }: FilesOptions<K, V>): FileTarget<K, V> {
  return {
    end: fileEnd,
    name: `files:${folder}`,
    folder,
    encoder: () => new LineEncoder(folder, line ?? (r => r.value)),
  }
}

class LineEncoder<K, V> implements Encoder<K, V> {
  private lines: string[] = []
  bytes = 0

  constructor(
    private readonly folder: string,
    private readonly line: (record: StreamRecord<K, V>) => unknown,
  ) {}

  encode(record: StreamRecord<K, V>, _origin: Position): void {
    const text = JSON.stringify(this.line(record))
    if (text === undefined) throw new ProcessError(`files ${this.folder}: the record's line is no JSON`)
    this.lines.push(text)
    this.bytes += text.length + 1
  }

  mark(): number {
    return this.lines.length
  }

  reset(mark: number): void {
    for (const line of this.lines.splice(mark)) this.bytes -= line.length + 1
  }

  take(): LinesChunk | undefined {
    if (this.lines.length === 0) return undefined
    const chunk = { count: this.lines.length, bytes: this.bytes, lines: this.lines }
    this.lines = []
    this.bytes = 0
    return chunk
  }
}
