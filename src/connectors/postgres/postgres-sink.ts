import { ContentError, SinkError, type StreamError, UnavailableError } from '../../errors'
import type { Log } from '../../log'
import type { Chunk, Sink, SinkPosition, SinkTask, Target } from '../sink'
import { Positions } from './positions'
import { connectClient, inTransaction, type Limits, type PostgresClient } from './postgres-client'
import { addressOf, isContent, postgresError, service } from './postgres-errors'
import type { PostgresTarget } from './postgres-target'
import { refusedRows } from './refused-rows'
import { TableGuard } from './table-guard'
import { Transaction } from './transaction'

export interface PostgresSinkOptions {
  readonly databaseUrl: string
  readonly application: string
  /** Kafka's cluster id: positions of another cluster's topics are others. */
  readonly clusterId: string
  /** How many bytes may wait for the connection before `write` waits too. Default 8 MiB. */
  readonly bufferBytes?: number
  /** How long a commit or a full connection may take. Default 30 s. */
  readonly timeoutMs?: number
  readonly log?: Log
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A COPY is one statement and lasts as long as the commit interval; shorter waits have their own limits. */
const statementTimeoutMs = 300_000
/** How long refused rows are looked for beside the one that the server has named, ms. */
const searchedMs = 2_000
const trialLimits: Limits = { statementTimeoutMs: 5_000, lockTimeoutMs: 2_000 }

/** All Postgres targets of a worker on one connection, and in one SQL transaction a commit, with the positions. */
export function createPostgresSink(targets: readonly PostgresTarget[], options: PostgresSinkOptions): Sink {
  return new PostgresSink(targets, options)
}

class PostgresSink implements Sink {
  private readonly positions: Positions
  private readonly guard: TableGuard
  private readonly limits: Limits
  private readonly bufferBytes: number
  private readonly timeoutMs: number
  private client: PostgresClient | undefined
  private current: Transaction
  /** Steps on the connection run one after the other: this is the last one. */
  private turn: Promise<void> = Promise.resolve()
  private readonly waiters = new Set<Waiter>()
  private broken: StreamError | undefined

  constructor(
    readonly targets: readonly PostgresTarget[],
    private readonly options: PostgresSinkOptions,
  ) {
    this.positions = new Positions(options)
    this.bufferBytes = options.bufferBytes ?? 8 * 1024 * 1024
    this.timeoutMs = options.timeoutMs ?? 30_000
    this.limits = { statementTimeoutMs, lockTimeoutMs: this.timeoutMs / 2 }
    this.guard = new TableGuard(targets)
    this.current = this.newTransaction()
  }

  /**
   * On another connection than the worker's, which may be in the middle of a transaction. Throws UnfitError where a table isn't as its
   * target needs it; then nobody is fenced.
   */
  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    if (this.broken) await this.abort()
    this.broken = undefined
    let client: PostgresClient | undefined
    try {
      const opening = await this.connect('open')
      client = opening
      const take = () =>
        inTransaction(opening, this.limits, async () => {
          const added = await this.guard.check(opening)
          return { ...(await this.positions.take(opening, tasks)), added }
        })
      const taken = await opening.within(this.timeoutMs, () => this.timeout('to open tasks'), take)
      this.positions.own(taken)
      for (const line of taken.added) this.options.log?.info(`Postgres: ${line}`)
      for (const topic of taken.madeAgain) {
        this.options.log?.warn(
          `Postgres: topic ${topic} was deleted and made again: its rows are written from its start`,
        )
      }
      return [...taken.next]
    } catch (error) {
      throw postgresError(error, this.options.databaseUrl)
    } finally {
      await client?.end().catch(() => undefined)
    }
  }

  async write(task: string, target: Target, chunk: Chunk): Promise<void> {
    if (this.broken) throw this.broken
    if (!this.positions.has(task))
      throw this.fail(new SinkError(`Postgres: task ${task} was not opened`, { task, service }))
    const { current } = this
    current.add(task, target as PostgresTarget, chunk)
    const pressed = current.waiting > this.bufferBytes
    if (!current.scheduled && (pressed || current.worthStreaming)) {
      current.scheduled = true
      void this.step(current, client => {
        current.scheduled = false
        return current.stream(client, current.waiting > this.bufferBytes, () => this.wake())
      }).catch(() => undefined)
    }
    if (pressed) await this.room()
  }

  async commit(positions: readonly SinkPosition[]): Promise<void> {
    if (this.broken) throw this.broken
    const { current } = this
    this.checkCovered(current, positions)
    if (positions.length === 0) return
    this.current = this.newTransaction()
    const timer = setTimeout(() => this.fail(this.timeout('to commit'), current), this.timeoutMs)
    try {
      await this.step(current, async client => {
        await current.flush(client, () => this.wake())
        await this.positions.move(client, positions)
        await client.query('COMMIT')
        this.positions.moved(positions)
      })
    } finally {
      clearTimeout(timer)
    }
  }

  async abort(): Promise<void> {
    const { current } = this
    current.cancelled = true
    this.current = this.newTransaction()
    // Nothing but the end of the connection takes back a COPY at once.
    if (current.begun) this.disconnect()
    await this.turn
    this.wake()
  }

  async release(tasks: readonly string[]): Promise<void> {
    const open = tasks.find(task => this.current.tasks.has(task))
    if (open !== undefined && !this.broken) {
      this.fail(
        new SinkError(`Postgres: task ${open} was released with rows that are not committed`, { task: open, service }),
      )
    }
    this.positions.release(tasks)
  }

  async close(): Promise<void> {
    await this.abort()
    const { client } = this
    this.client = undefined
    await client?.end().catch(() => undefined)
  }

  /** Runs `work` on the connection after all steps before it, unless its transaction was given up meanwhile. */
  private step(transaction: Transaction, work: (client: PostgresClient) => Promise<void>): Promise<void> {
    const done = this.turn.then(async () => {
      try {
        if (transaction.cancelled) return
        if (!this.broken) this.client ??= await this.connect('write')
        if (this.broken) throw this.broken
        if (!transaction.cancelled && this.client) await work(this.client)
      } catch (error) {
        const named = transaction.cancelled ? error : await this.named(error, transaction)
        if (!transaction.cancelled) throw this.fail(named, transaction)
      } finally {
        // It was given up, or timed out, while it was at work: what it has begun must not be what the next one goes on with.
        if ((transaction.cancelled && transaction.begun) || this.broken) this.disconnect()
      }
    })
    this.turn = done.catch(() => undefined)
    return done
  }

  /**
   * A refusal with all records that it is about, found by trying the rows of the transaction on another connection: one that is named at a time
   * would cost a rollback each. What isn't found out is searched for by commits.
   */
  private async named(error: unknown, transaction: Transaction): Promise<unknown> {
    if (this.broken || !isContent(error)) return error
    let client: PostgresClient | undefined
    // A connection that hangs must not hold the sink up.
    const timer = setTimeout(() => client?.drop(), searchedMs + trialLimits.statementTimeoutMs)
    try {
      const trying = await this.connect('search')
      client = trying
      const rows = [...transaction.rows()]
      await this.guard.enter(trying, [...new Set(rows.map(({ target }) => target))], trialLimits)
      const refused = await refusedRows(trying, rows, performance.now() + searchedMs)
      // Its rows are gone before the same keys are written again.
      await trying.query('ROLLBACK')
      const [first, ...others] = refused.flatMap(({ origin: position, error }) => {
        const words = postgresError(error, this.options.databaseUrl)
        return position === undefined ? [] : [{ position, words }]
      })
      if (first === undefined) return error
      return new ContentError(first.words.message, {
        ...{ cause: first.words.cause, service, position: first.position },
        others: others.map(({ words, position }) => new ContentError(words.message, { service, position })),
      })
    } catch {
      return error
    } finally {
      clearTimeout(timer)
      client?.drop()
    }
  }

  private newTransaction(): Transaction {
    return new Transaction(this.guard, this.limits)
  }

  private connect(what: string): Promise<PostgresClient> {
    const { databaseUrl, application } = this.options
    return connectClient({ databaseUrl, name: `weir ${application} ${what}` }, (error, client) => {
      if (client !== this.client) return
      // A step that is under way hears of it by its statement; without a transaction nothing is lost but the connection.
      if (this.current.begun) this.fail(error)
      else this.disconnect()
    })
  }

  private disconnect(): void {
    this.client?.drop()
    this.client = undefined
  }

  /** Breaks the sink: everything since the last commit is lost. */
  private fail(error: unknown, transaction: Transaction = this.current): StreamError {
    if (this.broken) return this.broken
    const position = transaction.originOf(error)
    this.broken = postgresError(error, this.options.databaseUrl, position ? { position } : {})
    this.disconnect()
    for (const waiter of this.waiters) this.settle(waiter, this.broken)
    return this.broken
  }

  private checkCovered({ tasks }: Transaction, positions: readonly SinkPosition[]): void {
    const covered = (task: string) => positions.some(position => this.positions.taskOf(position) === task)
    const open = [...tasks].find(task => !covered(task))
    if (open !== undefined) {
      throw this.fail(
        new SinkError(`Postgres: a commit without the position of task ${open}, which wrote rows`, { fatal: true }),
      )
    }
  }

  private timeout(what: string): UnavailableError {
    return new UnavailableError(
      `Postgres ${addressOf(this.options.databaseUrl)}: waited ${this.timeoutMs} ms for it ${what}`,
      { service },
    )
  }

  private room(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.fail(this.timeout('to take rows')), this.timeoutMs)
      this.waiters.add({ resolve, reject, timer })
    })
  }

  private wake(): void {
    if (this.current.waiting > this.bufferBytes) return
    for (const waiter of this.waiters) this.settle(waiter)
  }

  private settle(waiter: Waiter, error?: Error): void {
    clearTimeout(waiter.timer)
    this.waiters.delete(waiter)
    if (error) waiter.reject(error)
    else waiter.resolve()
  }
}
