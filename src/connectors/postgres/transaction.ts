import type { Position } from '../../errors'
import { itemAt } from '../../required'
import type { Chunk } from '../sink'
import { CopyStream } from './copy-stream'
import type { Limits, PostgresClient } from './postgres-client'
import { copyLine } from './postgres-errors'
import type { PostgresTarget } from './postgres-target'
import type { TriedRow } from './refused-rows'
import { originSize, type RowChunk } from './row-encoder'
import type { TableGuard } from './table-guard'
import { upsert } from './upsert'
import type { UpsertChunk } from './upsert-encoder'

/** Less than this is worth no write of its own: it waits for more or for the commit. */
const worthCopying = 64 * 1024
/** Only one COPY runs at a time on a connection, and a change of tables costs a round trip. */
const worthChanging = 1024 * 1024

interface Staged {
  readonly target: PostgresTarget
  readonly chunk: RowChunk
}

interface Copied extends Staged {
  /** Line of its first row in the COPY, from 1. */
  readonly line: number
}

/** The record of a chunk's row, where rows say it. */
function copiedOrigin({ target, chunk: { rows, ends, topic } }: Staged, row: number): Position | undefined {
  if (!target.origin) return undefined
  const end = itemAt(ends, row)
  return { topic, partition: rows.readInt32BE(end - originSize + 4), offset: Number(rows.readBigInt64BE(end - 8)) }
}

/** What goes into one SQL transaction: gathered by `add` at any time, sent by `stream` and `flush`, one call at a time. */
export class Transaction {
  /** Tasks that have rows in it. */
  readonly tasks = new Set<string>()
  /** Bytes that were added and not yet taken by the connection. */
  waiting = 0
  begun = false
  cancelled = false
  /** A `stream` is scheduled. */
  scheduled = false
  private readonly appends = new Map<PostgresTarget, RowChunk[]>()
  private readonly upserts = new Map<PostgresTarget, UpsertChunk[]>()
  private copy: CopyStream | undefined
  private lines = 0
  /** What was handed to this COPY, and to those before it. */
  private copied: Copied[] = []
  private copiedBefore: Copied[] = []
  /** Tables that are locked against changes, and as they have to be. */
  private readonly entered = new Set<PostgresTarget>()

  constructor(
    private readonly guard: TableGuard,
    private readonly limits: Limits,
  ) {}

  add(task: string, target: PostgresTarget, chunk: Chunk): void {
    this.tasks.add(task)
    if (target.mode === 'upsert') {
      const known = this.upserts.get(target)
      if (known === undefined) this.upserts.set(target, [chunk as UpsertChunk])
      else known.push(chunk as UpsertChunk)
      return
    }
    const chunks = this.appends.get(target) ?? []
    chunks.push(chunk as RowChunk)
    this.appends.set(target, chunks)
    this.waiting += chunk.bytes
  }

  /** True when there is enough to send ahead of the commit. */
  get worthStreaming(): boolean {
    return this.waiting >= worthCopying
  }

  /**
   * Sends ahead of the commit what is worth it, or all when `pressed`. `onRoom` is called whenever the connection has taken
   * something.
   */
  async stream(client: PostgresClient, pressed: boolean, onRoom: () => void): Promise<void> {
    for (const [target, chunks] of this.appends) {
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)
      const open = this.copy === undefined || this.copy.target === target
      if (pressed || bytes >= (open ? worthCopying : worthChanging)) await this.send(client, target, onRoom)
    }
  }

  /** Sends all rows. */
  async flush(client: PostgresClient, onRoom: () => void): Promise<void> {
    // The table whose COPY is open comes first. On a connection that copies nothing else can be asked.
    if (!this.copy) await this.enter(client, [...this.appends.keys(), ...this.upserts.keys()])
    const targets = [...this.appends.keys()].sort((a, b) => +(b === this.copy?.target) - +(a === this.copy?.target))
    for (const target of targets) await this.send(client, target, onRoom)
    await this.endCopy()
    await this.enter(client, [...this.upserts.keys()])
    for (const [target, chunks] of this.upserts)
      await upsert(
        client,
        target,
        chunks.flatMap(chunk => chunk.upserts),
      )
  }

  /** Begins the SQL transaction, unless it has begun, and makes sure of the tables for as long as it lasts. */
  async enter(client: PostgresClient, targets: readonly PostgresTarget[]): Promise<void> {
    const fresh = targets.filter(target => !this.entered.has(target))
    const begin = this.begun ? undefined : this.limits
    this.begun = true
    await this.guard.enter(client, fresh, begin)
    for (const target of fresh) this.entered.add(target)
  }

  /** The record whose row Postgres refused, where its message names it. */
  originOf(error: unknown): Position | undefined {
    const line = copyLine(error)
    if (line === undefined) return undefined
    const found = this.copied.find(one => line >= one.line && line < one.line + one.chunk.count)
    return found && copiedOrigin(found, line - found.line)
  }

  /** All rows, in the order in which `flush` writes them. */
  *rows(): Generator<TriedRow> {
    const waiting = [...this.appends].flatMap(([target, chunks]) => chunks.map(chunk => ({ target, chunk })))
    for (const staged of [...this.copiedBefore, ...this.copied, ...waiting]) {
      const { target, chunk } = staged
      for (let i = 0; i < chunk.count; i++) {
        const row = chunk.rows.subarray(i === 0 ? 0 : chunk.ends[i - 1], chunk.ends[i])
        yield { target, row, origin: copiedOrigin(staged, i) }
      }
    }
    for (const [target, chunks] of this.upserts)
      for (const { upserts, origins, topic } of chunks)
        for (const [i, row] of upserts.entries()) {
          const [partition, offset] = [itemAt(origins, 2 * i), itemAt(origins, 2 * i + 1)]
          yield { target, row, origin: { topic, partition, offset } }
        }
  }

  private async send(client: PostgresClient, target: PostgresTarget, onRoom: () => void): Promise<void> {
    const chunks = this.appends.get(target)
    if (!chunks || chunks.length === 0) return
    if (this.copy?.target !== target) {
      await this.endCopy()
      await this.enter(client, [target])
      this.copy = new CopyStream(client, target)
      this.lines = 0
      this.copiedBefore.push(...this.copied)
      this.copied = []
    }
    while (chunks.length > 0) {
      const rows = this.takeRows(target, chunks)
      await this.copy.write(rows)
      this.waiting -= rows.length
      onRoom()
    }
  }

  /** As many chunks as one write should have: each costs two system calls, which small chunks would not be worth. */
  private takeRows(target: PostgresTarget, chunks: RowChunk[]): Buffer {
    const rows: Buffer[] = []
    for (let bytes = 0; bytes < worthCopying; ) {
      const next = chunks.shift()
      if (next === undefined) break
      this.copied.push({ target, chunk: next, line: this.lines + 1 })
      this.lines += next.count
      rows.push(next.rows)
      bytes += next.bytes
    }
    const [first] = rows
    return first !== undefined && rows.length === 1 ? first : Buffer.concat(rows)
  }

  private async endCopy(): Promise<void> {
    await this.copy?.end()
    this.copy = undefined
  }
}
