import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { appendWhole, writeWhole } from './journal'
import type { KeptLog } from './keeper'

/** As Kafka names a segment: by the offset with which it begins. */
const nameOf = (offset: number) => `${String(offset).padStart(20, '0')}.log`
const NAME = /^\d{20}\.log$/
/** What else is there is somebody else's. */
const OURS = /^\d{20}\.log(\.part)?$/

/** The batches of one partition in a folder of its own, in one file that Kafka's tools read (`kafka-dump-log.sh`). */
export class LogFile implements KeptLog {
  private startOffset = 0
  private bytes = 0

  constructor(readonly place: string) {}

  read(): { startOffset: number; bytes: Buffer } {
    const names = namesIn(this.place).filter(each => OURS.test(each))
    // A later beginning was written whole before the former file was to go.
    const name = names
      .filter(each => NAME.test(each))
      .sort()
      .at(-1)
    for (const other of names) if (other !== name) rmSync(join(this.place, other))
    this.startOffset = name === undefined ? 0 : Number.parseInt(name, 10)
    const bytes = name === undefined ? Buffer.alloc(0) : readFileSync(join(this.place, name))
    this.bytes = bytes.length
    return { startOffset: this.startOffset, bytes }
  }

  append(batch: Buffer): void {
    if (this.bytes === 0) mkdirSync(this.place, { recursive: true })
    appendWhole(this.file, batch, this.bytes)
    this.bytes += batch.length
  }

  replace(startOffset: number, batches: readonly Buffer[]): void {
    const former = this.file
    this.startOffset = startOffset
    const bytes = Buffer.concat(batches)
    mkdirSync(this.place, { recursive: true })
    writeWhole(this.file, bytes)
    if (former !== this.file) rmSync(former, { force: true })
    this.bytes = bytes.length
  }

  delete(): void {
    rmSync(this.place, { recursive: true, force: true })
  }

  private get file(): string {
    return join(this.place, nameOf(this.startOffset))
  }
}

/** None where there is no folder; one that may not be looked into is not an empty one. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
