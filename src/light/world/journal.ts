import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { ANEW } from './keeper'

const HEAD = '["light Kafka",1]\n'
/** So much that is out of date may lie in the file before it is written anew, bytes: or as much as is in date, where that is more. */
const SPARE_BYTES = 4 * 1024 * 1024

/** The last value of each name, in a file to which changes are added: a line `[kind, name, value]` each. */
export class Journal {
  /** Lines that are in date, by kind and name. */
  private readonly lines = new Map<string, string>()
  private bytes = 0
  /** Of the lines that are in date. */
  private datedBytes = 0

  /** Throws an Error for a file that is none of this version's. */
  constructor(private readonly file: string) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : HEAD
    // A line that was cut off was never answered.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    rmSync(partOf(file), { force: true })
    if (!whole.startsWith(HEAD)) throw new Error(`${file} was not written by this version; ${ANEW}`)
    for (const [i, line] of whole.slice(HEAD.length).split('\n').entries())
      if (line !== '') this.takeKept(line, `${file}, line ${i + 2}`)
    this.rewrite()
  }

  all(kind: string): (readonly [string, unknown])[] {
    const rows = [...this.lines.values()].map(line => JSON.parse(line) as [string, string, unknown])
    return rows.filter(([each]) => each === kind).map(([, name, value]) => [name, value])
  }

  get(kind: string, name: string): unknown {
    const line = this.lines.get(JSON.stringify([kind, name]))
    return line === undefined ? undefined : (JSON.parse(line) as unknown[])[2]
  }

  /** Undefined deletes the name. Throws what the file system throws; nothing is put then. */
  put(kind: string, name: string, value: unknown): void {
    const line = JSON.stringify(value === undefined ? [kind, name] : [kind, name, value])
    appendWhole(this.file, Buffer.from(`${line}\n`), this.bytes)
    this.bytes += Buffer.byteLength(line) + 1
    this.take(line)
    if (this.bytes - this.datedBytes > Math.max(SPARE_BYTES, this.datedBytes)) this.rewrite()
  }

  private takeKept(line: string, place: string): void {
    try {
      this.take(line)
    } catch {
      throw new Error(`${place}, is damaged; ${ANEW}, or delete the line`)
    }
  }

  private take(line: string): void {
    const row = JSON.parse(line) as unknown[]
    const name = JSON.stringify(row.slice(0, 2))
    this.datedBytes -= sizeOf(this.lines.get(name))
    if (row.length < 3) this.lines.delete(name)
    else this.lines.set(name, line)
    this.datedBytes += sizeOf(this.lines.get(name))
  }

  private rewrite(): void {
    const text = HEAD + [...this.lines.values()].map(line => `${line}\n`).join('')
    writeWhole(this.file, Buffer.from(text))
    this.bytes = Buffer.byteLength(text)
  }
}

const sizeOf = (line: string | undefined) => (line === undefined ? 0 : Buffer.byteLength(line) + 1)

/** Adds to a file of `size` bytes: all of it, or nothing and what the file system throws. */
export function appendWhole(file: string, bytes: Buffer, size: number): void {
  try {
    appendFileSync(file, bytes)
  } catch (error) {
    // What a full disk had room for must not lie before what comes next.
    if (existsSync(file) && statSync(file).size > size) truncateSync(file, size)
    throw error
  }
}

/** Writes a file beside, and then in the place of, the one that there was. */
export function writeWhole(file: string, bytes: Buffer): void {
  const part = partOf(file)
  try {
    writeFileSync(part, bytes)
    renameSync(part, file)
  } catch (error) {
    // On a full disk it would take the room that others need.
    rmSync(part, { force: true })
    throw error
  }
}

const partOf = (file: string) => `${file}.part`
