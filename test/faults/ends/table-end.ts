import { type MemoryChunk, memory } from '../../../src/connectors/memory/memory-target'
import type { Chunk, End, Sink, SinkPosition, SinkTask, Target } from '../../../src/connectors/sink'
import type { Position } from '../../../src/errors'
import { FencedError, SinkError, type StreamError } from '../../../src/errors'
import type { StreamRecord } from '../../../src/record'
import type { Kernel } from '../world/kernel'
import { type EndWeather, Line } from './line'

export interface Row {
  readonly target: string
  readonly record: StreamRecord
  readonly origin: Position
}

interface Place {
  readonly next: number
  readonly epoch: number
}

interface Owned {
  readonly task: string
  readonly epoch: number
}

const placeOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
  `${topic}-${partition}`

/** A database: what a commit brings is stored whole or not at all, with the positions that it reaches, by the owner alone. */
export class TableServer {
  readonly rows: Row[] = []
  readonly places = new Map<string, Place>()
  commits = 0
  fenced = 0
  /** Tasks that were taken over where it had made several commits since Kafka's last one: another end had held that up. */
  ahead = 0
  private readonly history = new Map<string, number[]>()

  take(task: SinkTask): Place {
    const stored = this.places.get(placeOf(task))
    const place = { next: stored?.next ?? task.offset, epoch: (stored?.epoch ?? 0) + 1 }
    if (place.next < task.offset || place.next > task.endOffset)
      throw new SinkError(`table: ${place.next} of ${placeOf(task)} is not within ${task.offset} … ${task.endOffset}`, {
        fatal: true,
      })
    this.places.set(placeOf(task), place)
    const since = (this.history.get(placeOf(task)) ?? []).filter(next => next > task.offset)
    if (since.length > 1) this.ahead++
    return place
  }

  commit(rows: readonly Row[], moves: readonly (SinkPosition & { readonly epoch: number })[]): void {
    for (const move of moves)
      if (this.places.get(placeOf(move))?.epoch !== move.epoch) {
        this.fenced++
        throw new FencedError(`table: another worker has taken over ${placeOf(move)}`)
      }
    for (const { next, epoch, ...at } of moves) {
      const history = this.history.get(placeOf(at))
      if (history === undefined) this.history.set(placeOf(at), [next])
      else if (history.at(-1) !== next) history.push(next)
      this.places.set(placeOf(at), { next, epoch })
    }
    this.rows.push(...rows)
    this.commits++
  }
}

/** An end that keeps positions, and its tables by their names. */
export class TableEnd {
  readonly server = new TableServer()
  private readonly end: End

  constructor(kernel: Kernel, weather: EndWeather) {
    this.end = {
      kind: 'table',
      guarantee: 'exactly_once',
      connect: targets => new TableSink(targets, this.server, new Line(kernel, weather, 'table')),
    }
  }

  table<K, V>(name: string): Target<K, V> {
    return { ...memory<K, V>({ name }), end: this.end }
  }
}

class TableSink implements Sink {
  onForgotten?: (task: string) => void
  private readonly owned = new Map<string, Owned>()
  private gathered: { readonly task: string; readonly row: Row }[] = []
  private broken: StreamError | undefined

  constructor(
    readonly targets: readonly Target[],
    private readonly server: TableServer,
    private readonly line: Line,
  ) {}

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    if (this.broken !== undefined) this.gathered = []
    this.broken = undefined
    const places = await this.line.ask('open', () => tasks.map(task => this.server.take(task)))
    tasks.forEach((task, i) => {
      this.owned.set(placeOf(task), { task: task.task, epoch: places[i]?.epoch ?? 0 })
    })
    return places.map(({ next }) => next)
  }

  async write(task: string, target: Target, chunk: Chunk): Promise<void> {
    this.check()
    for (const { record, origin } of (chunk as MemoryChunk).rows)
      this.gathered.push({ task, row: { target: target.name, record, origin } })
  }

  async commit(positions: readonly SinkPosition[]): Promise<void> {
    this.check()
    const rows = this.gathered.map(({ row }) => row)
    this.gathered = []
    if (positions.length === 0 && rows.length === 0) return
    const moves = positions.map(position => ({ ...position, epoch: this.owned.get(placeOf(position))?.epoch ?? -1 }))
    try {
      await this.line.ask('commit', () => this.server.commit(rows, moves))
    } catch (error) {
      this.broken ??= error as StreamError
      throw error
    }
    this.check()
  }

  async abort(): Promise<void> {
    this.gathered = []
  }

  async release(tasks: readonly string[]): Promise<void> {
    for (const [place, { task }] of this.owned) if (tasks.includes(task)) this.owned.delete(place)
  }

  async close(): Promise<void> {
    this.owned.clear()
  }

  private check(): void {
    if (this.broken !== undefined) throw this.broken
  }
}
