import { columnsOf, type History, type HistoryQuestion, readHistory } from './history'
import type { FoundColumn } from './history-tables'
import { DatabaseError } from './pg'
import { connectClient, inTransaction, type PostgresClient } from './postgres-client'
import { postgresError } from './postgres-errors'

/** A page waits no longer for one statement, ms. */
const limits = { statementTimeoutMs: 2_000, lockTimeoutMs: 500 }
/** A connection that nobody has used for so long is closed, ms. */
const idleMs = 60_000
/** Tables that were made since are found after so long, ms. */
const columnsMs = 30_000

/**
 * Reads a key's past from tables. To connect, and to look which tables there are, takes longer than the question: a connection is kept for the
 * next one, and so is what tables there are.
 */
export class HistoryReader {
  private idle: PostgresClient | undefined
  private timer: NodeJS.Timeout | undefined
  private known: { readonly columns: readonly FoundColumn[]; readonly atMs: number } | undefined
  private isClosed = false

  constructor(private readonly databaseUrl: string) {}

  /** Rejects with UnavailableError when the database is away. */
  async read(question: HistoryQuestion): Promise<History> {
    try {
      return await this.ask(question)
    } catch (error) {
      throw postgresError(error, this.databaseUrl)
    }
  }

  /** A question that is under way ends first. */
  async close(): Promise<void> {
    this.isClosed = true
    await farewell(this.takeIdle())
  }

  private async ask(question: HistoryQuestion, isAgain = false): Promise<History> {
    const kept = this.takeIdle()
    const usesMemory = kept !== undefined || this.known !== undefined
    const client = kept ?? (await this.connect())
    try {
      const found = await inTransaction(client, limits, async () =>
        readHistory(client, await this.columns(client), question),
      )
      this.keep(client)
      return found
    } catch (error) {
      client.drop()
      if (isAgain || !usesMemory || !isOfMemory(error)) throw error
      this.known = undefined
      this.takeIdle()?.drop()
      return this.ask(question, true)
    }
  }

  private connect(): Promise<PostgresClient> {
    return connectClient({ databaseUrl: this.databaseUrl, name: 'weir-dashboard' }, (_, client) => {
      if (this.idle === client) this.takeIdle()?.drop()
    })
  }

  private async columns(client: PostgresClient): Promise<readonly FoundColumn[]> {
    const now = performance.now()
    if (this.known === undefined || now - this.known.atMs > columnsMs)
      this.known = { columns: await columnsOf(client), atMs: now }
    return this.known.columns
  }

  private takeIdle(): PostgresClient | undefined {
    clearTimeout(this.timer)
    const { idle } = this
    this.idle = undefined
    return idle
  }

  /** Keeps one: of several questions at once the others' connections are closed. */
  private keep(client: PostgresClient): void {
    if (this.isClosed || this.idle !== undefined) {
      void farewell(client)
      return
    }
    this.idle = client
    this.timer = setTimeout(() => void farewell(this.takeIdle()), idleMs).unref()
  }
}

/** Ends a connection in order; one that is broken has nothing more to be told. */
async function farewell(client: PostgresClient | undefined): Promise<void> {
  await client?.end().catch(() => undefined)
}

/** Whether it may come of what was kept: a connection that was lost meanwhile (SQLSTATE 08…, 57P…), or a table or column that has gone (42…). */
const isOfMemory = (error: unknown): boolean =>
  !(error instanceof DatabaseError) || /^(08|42|57P)/.test(error.code ?? '')
