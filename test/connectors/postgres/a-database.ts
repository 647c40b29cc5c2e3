import { finished, Stream, Writable } from 'node:stream'
import { PostgresClient } from '../../../src/connectors/postgres/postgres-client'
import { sql } from '../../../src/connectors/postgres/sql-files'
import { APostgres, refusal, type StoredPosition, type StoredRow } from './a-postgres'

/**
 * What a test may do at a statement: throw what the server says to it, let it wait, or give the answer. `rows` and `end` are those of a COPY.
 */
export type Before = (text: string, connection: AConnection, values: readonly unknown[]) => unknown

type Purpose = 'write' | 'open' | 'search' | 'reset'

const named = new Map(['raise-epochs', 'move-positions', 'read-positions'].map(name => [sql(name), name]))

/** A database whose connections are all that `PostgresClient` makes until the mocks are restored: with transactions, and strict about the order of statements. */
export class ADatabase {
  readonly positions: StoredPosition[] = []
  /** What is committed: copied rows, and the ids and tables of those that were inserted or updated. */
  rows: StoredRow[] = []
  readonly connections: AConnection[] = []
  isDown = false
  before: Before = () => undefined

  /** `refuses`: which rows are at fault. */
  constructor(readonly refuses: (row: Pick<StoredRow, 'table' | 'id'>) => boolean = () => false) {}

  /** Takes the place of the network. */
  install(): this {
    const known = new WeakMap<PostgresClient, AConnection>()
    const of = (client: PostgresClient) => known.get(client) as AConnection
    const replace = (
      method: 'connect' | 'query' | 'end' | 'drop',
      by: (this: PostgresClient, ...given: any[]) => unknown,
    ) => jest.spyOn(PostgresClient.prototype, method).mockImplementation(by as never)
    const database = this
    replace('connect', async function () {
      const connection = new AConnection(database, this)
      database.connections.push(connection)
      known.set(this, connection)
      Object.assign(this, { processID: 1 })
      await database.before('connect', connection, [])
      if (database.isDown) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    })
    replace('query', function (statement, values) {
      return of(this).query(statement, values)
    })
    replace('end', async function () {
      of(this).close('ended')
    })
    replace('drop', function () {
      of(this).close('dropped')
    })
    return this
  }

  /** From now on what matches waits: `met` resolves when the first has come, and all go on with `go`. */
  hold(pattern: RegExp): { readonly met: Promise<AConnection>; readonly go: () => void } {
    let go = () => {}
    let tell = (_connection: AConnection) => {}
    const gone = new Promise<void>(resolve => {
      go = resolve
    })
    const met = new Promise<AConnection>(resolve => {
      tell = resolve
    })
    const { before } = this
    this.before = (text, connection, values) => {
      if (!pattern.test(text)) return before(text, connection, values)
      tell(connection)
      return gone
    }
    return { met, go }
  }

  /** Connections for `what` they were made. */
  of(what: Purpose): AConnection[] {
    return this.connections.filter(({ name }) => name.endsWith(` ${what}`))
  }

  /** All that was asked on the connections for `what`: those of positions by their names, others by their first words. */
  asked(what: Purpose): string[] {
    const words = (text: string) => named.get(text) ?? /^\w+( \w+)?/.exec(text)?.[0] ?? text
    return this.of(what).flatMap(({ asked }) => asked.map(words))
  }

  /** The ids in a table, in the order of their origin. */
  ids(table: string): number[] {
    const rows = this.rows.filter(row => row.table === table)
    return rows.sort((a, b) => a.partition - b.partition || a.offset - b.offset).map(({ id }) => id)
  }
}

export class AConnection {
  readonly name: string
  fate: 'open' | 'ended' | 'dropped' | 'lost' = 'open'
  private readonly server: APostgres
  private readonly lost: Promise<never>
  private lose = (_error: Error): void => undefined
  private isBegun = false
  private isCopying = false
  private hasFailed = false
  /** Positions as they were before this transaction. */
  private former = new Map<StoredPosition, StoredPosition | undefined>()

  constructor(
    private readonly database: ADatabase,
    private readonly client: PostgresClient,
  ) {
    this.name = (
      client as unknown as { connectionParameters: { application_name: string } }
    ).connectionParameters.application_name
    this.server = new APostgres(database.refuses, database.positions)
    this.lost = new Promise((_, reject) => {
      this.lose = reject
    })
    this.lost.catch(() => undefined)
  }

  /** COPY by its table. */
  get asked(): readonly string[] {
    return this.server.asked
  }

  /** The server goes away, and the client hears of it. */
  cut(): void {
    this.close('lost')
    this.client.emit('error', new Error('Connection terminated unexpectedly'))
  }

  close(fate: 'ended' | 'dropped' | 'lost'): void {
    if (this.fate !== 'open') return
    this.fate = fate
    this.rollBack()
    this.lose(new Error('Connection terminated'))
  }

  query(statement: unknown, given: unknown[] = []): unknown {
    if (statement instanceof Stream) return this.copy(statement)
    const { text, values } = (typeof statement === 'string' ? { text: statement, values: given } : statement) as Asked
    return this.answer(text, values)
  }

  private async answer(text: string, values: readonly unknown[] = []): Promise<unknown> {
    if (/pg_backend_pid/.test(text)) return { rows: [{ pid: 1 }] }
    this.check()
    const given = await this.gate(text, values)
    if (this.hasFailed && !text.startsWith('ROLLBACK')) throw refusal('', '25P02')
    if (text.startsWith('BEGIN')) this.begin()
    else if (!this.isBegun) throw new Error(`outside of a transaction: ${text}`)
    if (given !== undefined) return given
    const before = this.database.positions.map(row => [row, { ...row }] as const)
    const answer = await this.server.client.query(text, values as unknown[])
    this.remember(before)
    if (text.startsWith('INSERT INTO "')) this.upsert(text, values[0] as Buffer)
    if (text.startsWith('ROLLBACK')) this.hasFailed = false
    if (text === 'ROLLBACK') this.rollBack()
    if (text === 'COMMIT') this.commit()
    return answer
  }

  private begin(): void {
    if (this.isBegun) throw new Error('there is a transaction already')
    this.isBegun = true
  }

  private commit(): void {
    this.database.rows.push(...this.server.rows.splice(0))
    this.former.clear()
    this.isBegun = false
  }

  private rollBack(): void {
    this.server.rows = []
    for (const [row, former] of this.former) {
      if (former) Object.assign(row, former)
      else this.database.positions.splice(this.database.positions.indexOf(row), 1)
    }
    this.former.clear()
    this.isBegun = this.hasFailed = false
  }

  private remember(before: readonly (readonly [StoredPosition, StoredPosition])[]): void {
    const known = new Map(before)
    for (const row of this.database.positions) {
      const former = known.get(row)
      const isSame = former !== undefined && former.next === row.next && former.epoch === row.epoch
      if (!isSame && !this.former.has(row)) this.former.set(row, former)
    }
  }

  private check(): void {
    if (this.fate !== 'open') throw new Error('Client was closed and is not queryable')
    if (this.isCopying) throw new Error('a statement in the middle of a COPY')
  }

  private gate(text: string, values: readonly unknown[] = []): Promise<unknown> {
    return Promise.race([this.lost, (async () => this.database.before(text, this, values))()])
  }

  private copy(stream: Stream): Writable {
    this.check()
    if (!this.isBegun) throw new Error('a COPY outside of a transaction')
    const inner = this.server.client.query(stream as never) as unknown as Writable
    this.isCopying = true
    const ended = (done: (error?: Error | null) => void) => (error?: Error | null) => {
      this.isCopying = false
      this.hasFailed = error != null
      done(error)
    }
    const outer = new Writable({
      write: (chunk: Buffer, _encoding, done) => void this.gate('rows').then(() => inner.write(chunk, done), done),
      final: done => {
        const told = ended(done)
        finished(inner, told)
        void this.gate('end').then(() => inner.end(), told)
      },
    })
    this.lost.catch(error => outer.destroy(error))
    return outer
  }

  /** The first column's values are an array of integers, as bytes. */
  private upsert(text: string, ids: Buffer): void {
    const table = /"(\w+)"/.exec(text)?.[1] ?? ''
    for (let at = 24; at < ids.length; at += 8) {
      const row = { table, id: ids.readInt32BE(at), partition: 0, offset: 0 }
      if (this.database.refuses(row)) {
        this.hasFailed = true
        throw refusal('', '23514')
      }
      this.server.rows.push(row)
    }
  }
}

interface Asked {
  readonly text: string
  readonly values?: readonly unknown[]
}
