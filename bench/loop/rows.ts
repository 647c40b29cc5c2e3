import { Client } from 'pg'
import { from } from 'pg-copy-streams'

/** Rows of one COPY, and of one SQL transaction. */
const rowsAtOnce = 50_000
const rowBytes = 54
const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const trailer = Buffer.from([0xff, 0xff])
const epoch2000 = 946_684_800_000_000

export interface Rollup {
  readonly sensor: number
  /** Unix seconds. */
  readonly start: number
  count: number
  sum: number
  min: number
  max: number
}

/** Readings by binary COPY in large chunks, one under way while the next one is filled; rollups by upsert. */
export class Rows {
  private chunk = Buffer.allocUnsafeSlow(rowsAtOnce * rowBytes)
  private view = new DataView(this.chunk.buffer)
  private length = 0
  private rollups: Rollup[] = []
  private writing: Promise<void> = Promise.resolve()

  private constructor(private readonly client: Client) {}

  static async connect(url: string): Promise<Rows> {
    const client = new Client({ connectionString: url })
    await client.connect()
    return new Rows(client)
  }

  get isFull(): boolean {
    return this.length >= this.chunk.length
  }

  reading(sensor: number, temperature: number, micros: number, partition: number, offset: number): void {
    const { view } = this
    const at = this.length
    view.setInt16(at, 5)
    view.setInt32(at + 2, 4)
    view.setInt32(at + 6, sensor)
    view.setInt32(at + 10, 8)
    view.setFloat64(at + 14, temperature)
    view.setInt32(at + 22, 8)
    writeInt8(view, at + 26, micros - epoch2000)
    view.setInt32(at + 34, 4)
    view.setInt32(at + 38, partition)
    view.setInt32(at + 42, 8)
    writeInt8(view, at + 46, offset)
    this.length = at + 54
  }

  rollup(rollup: Rollup): void {
    this.rollups.push(rollup)
  }

  /** Resolves when the chunk before this one is in the table. */
  async flush(): Promise<void> {
    await this.writing
    if (this.length === 0 && this.rollups.length === 0) return
    const [rows, rollups] = [this.chunk.subarray(0, this.length), this.rollups]
    this.chunk = Buffer.allocUnsafeSlow(rowsAtOnce * rowBytes)
    this.view = new DataView(this.chunk.buffer)
    this.length = 0
    this.rollups = []
    this.writing = this.write(rows, rollups)
  }

  async close(): Promise<void> {
    await this.flush()
    await this.writing
    await this.client.end()
  }

  private async write(rows: Buffer, rollups: readonly Rollup[]): Promise<void> {
    if (rows.length > 0) await this.copy(rows)
    if (rollups.length === 0) return
    const column = (of: (rollup: Rollup) => number) => rollups.map(of)
    await this.client.query({
      name: 'rollups',
      text: `INSERT INTO bench_rollups (sensor_id, window_start, window_end, count, min, max, mean)
        SELECT s, to_timestamp(w), to_timestamp(w + 10), c, lo, hi, a
        FROM unnest($1::int[], $2::float8[], $3::bigint[], $4::float8[], $5::float8[], $6::float8[]) AS x(s, w, c, lo, hi, a)
        ON CONFLICT (sensor_id, window_start) DO UPDATE SET count = EXCLUDED.count, min = EXCLUDED.min, max = EXCLUDED.max,
          mean = EXCLUDED.mean`,
      values: [
        column(each => each.sensor),
        column(each => each.start),
        column(each => each.count),
        column(each => each.min),
        column(each => each.max),
        column(each => each.sum / each.count),
      ],
    })
  }

  private copy(rows: Buffer): Promise<void> {
    const columns = 'sensor_id, temperature, timestamp, kafka_partition, kafka_offset'
    const stream = this.client.query(from(`COPY bench_readings (${columns}) FROM STDIN (FORMAT binary)`))
    return new Promise((resolve, reject) => {
      stream.once('finish', resolve)
      stream.once('error', reject)
      stream.write(header)
      stream.write(rows)
      stream.end(trailer)
    })
  }
}

function writeInt8(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / 4294967296)
  view.setInt32(at, high)
  view.setUint32(at + 4, value - high * 4294967296)
}
