import { Client } from './pg'

/** How long a statement may take, and how long it may wait for a lock of another session, ms. */
export interface Limits {
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
}

export interface ClientOptions {
  readonly databaseUrl: string
  /** Shown in `pg_stat_activity`. */
  readonly name: string
}

const connectTimeoutMs = 10_000
/** How long a server may take to close a connection that it was asked to close, ms. */
const farewellMs = 1_000

/** A connection. Nothing of a session is relied on, as it may lead through a pooler in transaction mode, such as PgBouncer. */
export class PostgresClient extends Client {
  /** Whether each transaction may run in another session of the server. */
  isPooled = false
  // It is there in `pg`, and not in its types.
  declare readonly processID: number | null

  constructor({ databaseUrl, name }: ClientOptions) {
    super({
      connectionString: databaseUrl,
      application_name: name,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    })
  }

  /**
   * A statement that is made over and over, for `query`: prepared once a connection, save through a pooler, which may send the
   * next use to a session that doesn't know it.
   */
  repeated<T extends { readonly text: string; readonly values: unknown[] }>(
    name: string,
    statement: T,
  ): T & { name?: string } {
    return this.isPooled ? statement : { name, ...statement }
  }

  /** Says goodbye; a server that doesn't hear it isn't waited for. */
  override async end(): Promise<void> {
    const late = setTimeout(() => this.connection.stream.destroy(), farewellMs)
    await super.end().finally(() => clearTimeout(late))
  }

  /**
   * Runs `work`, whose statements all fail once it has taken `ms`: a server that is silent, and whose machine keeps the connection open, says
   * nothing for ever. Throws `late()` then.
   */
  async within<T>(ms: number, late: () => Error, work: () => Promise<T>): Promise<T> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.drop()
    }, ms)
    try {
      return await work()
    } catch (error) {
      throw isLate ? late() : error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Closes the connection at once; the server rolls back what it was doing. */
  drop(): void {
    void this.end().catch(() => undefined)
    // `end` says goodbye, which a server in the middle of a COPY would not read.
    this.connection.stream.destroy()
  }
}

/** Connects; `onError` hears of a server that goes away while nothing is asked of it. */
export async function connectClient(
  options: ClientOptions,
  onError: (error: Error, client: PostgresClient) => void = () => undefined,
): Promise<PostgresClient> {
  const client = new PostgresClient(options)
  client.on('error', error => onError(error, client))
  try {
    await client.connect()
    const late = () => new Error(`no answer within ${connectTimeoutMs} ms`)
    const asked = () => client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const { rows } = await client.within(connectTimeoutMs, late, asked)
    // A pooler gives its clients numbers of its own.
    client.isPooled = rows[0]?.pid !== client.processID
  } catch (error) {
    client.drop()
    throw error
  }
  return client
}

/**
 * The statements that begin a transaction. Its settings end with it: those of a session would stay with whoever has it next. A worker
 * that hangs must lose its locks before the group gives its partitions away (session timeout 10 s).
 */
export function beginning({ statementTimeoutMs, lockTimeoutMs }: Limits): string {
  return [
    'BEGIN',
    'SET LOCAL synchronous_commit = on',
    'SET LOCAL idle_in_transaction_session_timeout = 8000',
    `SET LOCAL statement_timeout = ${statementTimeoutMs}`,
    `SET LOCAL lock_timeout = ${lockTimeoutMs}`,
  ].join('; ')
}

/** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. */
export async function inTransaction<T>(client: Client, limits: Limits, work: () => Promise<T>): Promise<T> {
  await client.query(beginning(limits))
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // Without a connection there is nothing to roll back, and `error` is why.
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Connects, runs `work` in one transaction, and disconnects. */
export async function onceInTransaction<T>(
  options: ClientOptions & Limits,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  const client = await connectClient(options)
  try {
    return await inTransaction(client, options, () => work(client))
  } finally {
    await client.end().catch(() => undefined)
  }
}
