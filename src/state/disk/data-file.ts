import { appendFile, appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'

/** LMDB's magic and the version of its format, as they follow one another. */
const mark = 0x2beefc0den
/** Where in a head (`MDB_meta`) is what: the first two pages are heads. */
const [markAt, pageSizeAt, lastPageAt, headBytes] = [24, 48, 144, 152]
const leastGrowth = 262_144
const zeros = Buffer.alloc(leastGrowth)

/**
 * The file of an LMDB environment, as far as LMDB trusts it: it maps what its heads name, and a page that isn't there ends the process; and
 * where it can't write a page, its message of that is longer than the memory for it (`mdb_page_flush`, lmdb 3.5.6), which may end it too.
 */
export class DataFile {
  private handle: number | undefined
  private growing = 0

  constructor(private readonly path: string) {}

  /** Whether LMDB may map it: it has a head, and what that names. */
  isSound(): boolean {
    if (!existsSync(this.path) || this.size === 0) return true
    return (this.end ?? Number.POSITIVE_INFINITY) <= this.size
  }

  /** Has `bytes` behind its pages, so that what LMDB writes next has room. Rejects as the file system does. */
  async makeRoom(bytes: number): Promise<void> {
    const file = this.opened
    for (let left = this.growthFor(bytes); left > 0; left -= zeros.length) {
      this.growing++
      await new Promise<void>((resolve, reject) =>
        appendFile(file, zeros.subarray(0, left), error => (error ? reject(error) : resolve())),
      ).finally(() => this.growing--)
    }
  }

  /** At most what is appended at once. */
  makeRoomSync(bytes: number): void {
    const growth = this.growthFor(bytes)
    if (growth > 0) appendFileSync(this.opened, zeros.subarray(0, growth))
  }

  /** What is being written keeps it open: its number may be another file's next. */
  close(): void {
    if (this.handle !== undefined && this.growing === 0) closeSync(this.handle)
    this.handle = undefined
  }

  /** Others may append at the same time, and LMDB write: what is appended is over nothing. */
  private growthFor(bytes: number): number {
    const lacking = (this.end ?? 0) + bytes - this.size
    return lacking > 0 ? Math.max(lacking, leastGrowth) : 0
  }

  /** The file that LMDB has, though another may be there by now. */
  private get opened(): number {
    this.handle ??= openSync(this.path, 'a+')
    return this.handle
  }

  private get size(): number {
    return fstatSync(this.opened).size
  }

  /** Where its pages end, bytes; undefined where a head is none. */
  private get end(): number | undefined {
    const head = Buffer.alloc(headBytes)
    let [end, pageSize] = [0, 0]
    for (const page of [0, 1]) {
      const count = readSync(this.opened, head, 0, headBytes, page * pageSize)
      if (count < headBytes || head.readBigUInt64LE(markAt) !== mark) return undefined
      pageSize = head.readUInt32LE(pageSizeAt)
      end = Math.max(end, (Number(head.readBigUInt64LE(lastPageAt)) + 1) * pageSize)
    }
    return end
  }
}
