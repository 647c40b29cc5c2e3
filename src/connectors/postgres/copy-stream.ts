import type { Client } from 'pg'
import { from } from 'pg-copy-streams'
import { quoted, quotedTable } from './columns'
import type { PostgresTarget } from './postgres-target'

const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const trailer = Buffer.from([0xff, 0xff])

/** A COPY ... FROM STDIN (FORMAT binary) into a target's table, within the connection's transaction. */
export class CopyStream {
  private readonly stream: ReturnType<typeof from>
  private readonly failed: Promise<never>

  constructor(
    client: Client,
    readonly target: PostgresTarget,
  ) {
    const columns = target.columns.map(column => quoted(column.name)).join(', ')
    this.stream = client.query(from(`COPY ${quotedTable(target.table)} (${columns}) FROM STDIN (FORMAT binary)`))
    this.failed = new Promise((_, reject) => this.stream.once('error', reject))
    this.failed.catch(() => undefined)
    this.stream.on('error', () => undefined)
    this.stream.write(header)
  }

  /** Resolves when the connection takes more. */
  write(rows: Buffer): Promise<void> {
    return this.orFailed(done => this.stream.write(rows, done))
  }

  /** Resolves when the server has taken in all rows. */
  end(): Promise<void> {
    return this.orFailed(done => {
      this.stream.once('finish', done)
      this.stream.end(trailer)
    })
  }

  /** What the server has said first: once it has refused a row, a further write fails for want of a connection. */
  private orFailed(start: (done: () => void) => void): Promise<void> {
    return Promise.race([this.failed, new Promise<void>(resolve => start(() => resolve()))])
  }
}
