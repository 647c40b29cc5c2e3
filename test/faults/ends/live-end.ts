import { type MemoryChunk, memory } from '../../../src/connectors/memory/memory-target'
import type { Chunk, End, Sink, SinkPosition, SinkTask, Target } from '../../../src/connectors/sink'
import { FencedError, SinkError, type StreamError } from '../../../src/errors'
import type { StreamRecord } from '../../../src/record'
import type { Kernel } from '../world/kernel'
import { type EndWeather, Line } from './line'
import type { Row } from './table-end'

/** What the subscribers of a live end have seen, and what they would see who come later. */
export interface LiveRows {
  readonly delivered: readonly Row[]
  /** The last value by address. */
  readonly retained: ReadonlyMap<string, Row>
  readonly fenced: number
  /** It has forgotten what was retained. */
  restart(): void
}

/** Makes the targets of a topology's live topics. */
export interface LiveTopics {
  topic<K, V>(name: 'live' | 'live-windows', address: (record: StreamRecord<K, V>) => string): Target<K, V>
}

/** A broker of messages: what arrives is delivered at once, in its order, by the last one who took the task over. */
export class LiveServer implements LiveRows {
  readonly delivered: Row[] = []
  readonly retained = new Map<string, Row>()
  fenced = 0
  private readonly owners = new Map<string, number>()
  private last = 0
  /** Connections up to this one were broken by a restart. */
  private brokenUpTo = 0

  take(task: string): number {
    const owner = ++this.last
    this.owners.set(task, owner)
    return owner
  }

  /** As a broker without a disk restarts: connections break, and nothing is retained any more. */
  restart(): void {
    this.brokenUpTo = this.last
    this.retained.clear()
  }

  deliver(task: string, owner: number, rows: readonly Row[], address: (row: Row) => string | undefined): void {
    this.check(task, owner)
    for (const row of rows) {
      this.delivered.push(row)
      const at = address(row)
      if (at !== undefined) this.retained.set(at, row)
    }
  }

  check(task: string, owner: number): void {
    if (owner <= this.brokenUpTo) throw new SinkError('live: the connection was lost, the broker has restarted')
    if (this.owners.get(task) === owner) return
    this.fenced++
    throw new FencedError(`live: another worker has taken over task ${task}`)
  }
}

/** An end without positions: at least once, in order. */
export class LiveEnd implements LiveTopics {
  readonly server = new LiveServer()
  private readonly end: End

  constructor(kernel: Kernel, weather: EndWeather) {
    this.end = {
      kind: 'live',
      guarantee: 'at_least_once',
      connect: targets => new LiveSink(targets, this.server, new Line(kernel, weather, 'live')),
    }
  }

  topic<K, V>(name: string, address: (record: StreamRecord<K, V>) => string): Target<K, V> {
    return { ...memory<K, V>({ name, retains: address }), end: this.end }
  }
}

class LiveSink implements Sink {
  onForgotten?: (task: string) => void
  private readonly owners = new Map<string, number>()
  private written: Promise<unknown>[] = []
  private broken: StreamError | undefined

  constructor(
    readonly targets: readonly Target[],
    private readonly server: LiveServer,
    private readonly line: Line,
  ) {}

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    this.broken = undefined
    this.written = []
    const names = [...new Set(tasks.map(({ task }) => task))]
    const owners = await this.line.ask('open', () => names.map(task => this.server.take(task)))
    names.forEach((task, i) => {
      this.owners.set(task, owners[i] ?? 0)
    })
    if (this.targets.some(({ retains }) => retains !== undefined)) for (const task of names) this.onForgotten?.(task)
    return tasks.map(() => 0)
  }

  async write(task: string, target: Target, chunk: Chunk): Promise<void> {
    this.check()
    const rows = (chunk as MemoryChunk).rows.map(({ record, origin }) => ({ target: target.name, record, origin }))
    const owner = this.owners.get(task) ?? -1
    const address = ({ record }: Row) => target.retains?.(record)
    const sent = this.line.ask('write', () => this.server.deliver(task, owner, rows, address))
    this.written.push(sent)
    sent.catch(error => {
      this.broken ??= error
    })
  }

  async commit(_positions: readonly SinkPosition[]): Promise<void> {
    this.check()
    const written = this.written
    this.written = []
    if (written.length === 0) return
    const owners = [...this.owners]
    const barrier = this.line.ask('commit', () => {
      for (const [task, owner] of owners) this.server.check(task, owner)
    })
    try {
      await Promise.all([...written, barrier])
    } catch (error) {
      this.broken ??= error as StreamError
      throw error
    }
    this.check()
  }

  async abort(): Promise<void> {
    this.written = []
  }

  async release(tasks: readonly string[]): Promise<void> {
    for (const task of tasks) this.owners.delete(task)
  }

  async close(): Promise<void> {
    this.owners.clear()
  }

  private check(): void {
    if (this.broken !== undefined) throw this.broken
  }
}
