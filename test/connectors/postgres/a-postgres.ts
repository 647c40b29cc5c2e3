import { Stream, Writable } from 'node:stream'
import { DatabaseError } from '../../../src/connectors/postgres/pg'
import type { PostgresClient } from '../../../src/connectors/postgres/postgres-client'
import { sql } from '../../../src/connectors/postgres/sql-files'

/** A row of `weir_positions`, as numbers. */
export interface StoredPosition {
  readonly application: string
  readonly cluster: string
  readonly topic: string
  readonly partition: number
  topicId: string
  next: number
  epoch: number
}

/** A row in a table: of the record at that place of a partition. */
export interface StoredRow {
  readonly table: string
  readonly partition: number
  readonly offset: number
  /** The first column, of four bytes. */
  readonly id: number
}

const [raise, move, read] = ['raise-epochs', 'move-positions', 'read-positions'].map(sql)
const headerBytes = 19
const originBytes = 20

/** A connection that answers as Postgres does, as far as positions, savepoints and the COPY of rows with their origin go. */
export class APostgres {
  /** What is in the tables, committed or not. */
  rows: StoredRow[] = []
  /** What was asked, COPY by its table. */
  readonly asked: string[] = []
  private saved: StoredRow[] = []

  /** `refuses`: which rows are at fault. */
  constructor(
    private readonly refuses: (row: StoredRow) => boolean = () => false,
    readonly positions: StoredPosition[] = [],
  ) {}

  get client(): PostgresClient {
    return {
      isPooled: false,
      repeated: (_name: string, statement: unknown) => statement,
      query: (statement: unknown, values?: unknown[]) => this.query(statement, values),
    } as unknown as PostgresClient
  }

  private query(statement: unknown, given: unknown[] = []): unknown {
    if (statement instanceof Stream) return this.copy((statement as Stream & { readonly text: string }).text)
    const { text, values } = typeof statement === 'string' ? { text: statement, values: given } : asQuery(statement)
    this.asked.push(text)
    return Promise.resolve({ rows: this.answer(text, values) })
  }

  private answer(text: string, values: readonly unknown[]): unknown[] {
    if (text === 'SAVEPOINT part') this.saved = [...this.rows]
    if (text === 'ROLLBACK TO SAVEPOINT part') this.rows = [...this.saved]
    if (text !== raise && text !== move && text !== read) return []
    const [application, cluster, ...lists] = values as [string, string, ...unknown[][]]
    const given = (lists[0] ?? []).map((_, i) => lists.map(list => list[i]))
    if (text === raise)
      return given.map(([topic, id, partition, next]) =>
        this.raise([application, cluster, topic, partition] as Place, id, next),
      )
    const places = given.map(([topic, partition, ...more]) => ({
      row: this.at([application, cluster, topic, partition] as Place),
      more,
    }))
    if (text === read) return places.flatMap(({ row }) => (row ? [asked(row)] : []))
    return places.flatMap(({ row, more: [next, epoch, former] }) => {
      if (row === undefined || row.epoch !== epoch || row.next !== former) return []
      row.next = next as number
      return [asked(row)]
    })
  }

  private at([application, cluster, topic, partition]: Place): StoredPosition | undefined {
    const isIt = (row: StoredPosition) =>
      row.application === application && row.cluster === cluster && row.topic === topic && row.partition === partition
    return this.positions.find(isIt)
  }

  private raise(place: Place, id: unknown, next: unknown) {
    const [application, cluster, topic, partition] = place
    const topicId = id as string
    const row = this.at(place)
    if (row === undefined) {
      const made = { application, cluster, topic, partition, topicId, next: next as number, epoch: 1 }
      this.positions.push(made)
      return { ...asked(made), former_id: null }
    }
    const former = row.topicId
    const isOther = former !== '' && topicId !== '' && topicId !== former
    Object.assign(row, { epoch: row.epoch + 1, topicId: topicId || former, ...(isOther && { next }) })
    return { ...asked(row), former_id: former }
  }

  private copy(text: string): Writable {
    const table = /^COPY "?([^" ]+)/.exec(text)?.[1] ?? ''
    this.asked.push(`COPY ${table}`)
    const chunks: Buffer[] = []
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(chunk)
        done()
      },
      final: done => {
        const rows = rowsOf(Buffer.concat(chunks).subarray(headerBytes)).map(row => ({ table, ...row }))
        const line = rows.findIndex(row => this.refuses(row)) + 1
        if (line > 0) return done(refusal(`COPY ${table}, line ${line}, column temperature`))
        this.rows.push(...rows)
        done()
      },
    })
  }
}

type Place = readonly [application: string, cluster: string, topic: string, partition: number]

const asQuery = (statement: unknown) => statement as { readonly text: string; readonly values: readonly unknown[] }
/** A bigint comes as a text. */
const asked = ({ topic, partition, next, epoch, topicId }: StoredPosition) => ({
  ...{ topic, partition, topic_id: topicId },
  ...{ next_offset: String(next), epoch: String(epoch) },
})

/** What Postgres says to a row that it doesn't take. */
export function refusal(where: string, code = '22003'): DatabaseError {
  return Object.assign(new DatabaseError('out of range', 100, 'error'), { code, where })
}

/** The origins of rows of a binary COPY, whose last two columns they are. */
function rowsOf(bytes: Buffer): Omit<StoredRow, 'table'>[] {
  const rows: Omit<StoredRow, 'table'>[] = []
  for (let at = 0; bytes.readInt16BE(at) >= 0; ) {
    const width = bytes.readInt16BE(at)
    const id = bytes.readInt32BE(at + 6)
    at += 2
    for (let i = 0; i < width; i++) at += 4 + Math.max(0, bytes.readInt32BE(at))
    const offset = Number(bytes.readBigInt64BE(at - 8))
    rows.push({ id, partition: bytes.readInt32BE(at - originBytes + 4), offset })
  }
  return rows
}
