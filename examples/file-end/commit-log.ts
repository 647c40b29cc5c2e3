import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A partition as the log knows it. */
export interface Entry {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  /** Everything below this offset is in the folder. */
  readonly next: number
  /** Raised by each owner that takes the partition over. */
  readonly epoch: number
}

interface LogRecord {
  readonly entries: readonly Entry[]
  /** The rows that were made visible with the entries: a name in `pending`. */
  readonly rows?: string
}

export const placeOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
  `${topic}[${partition}]`

/**
 * What happened in a folder, as numbered files that are created exclusively: the way that Delta Lake commits to object stores. Two
 * workers that want the same number find out, so that nobody commits on an outdated view.
 */
export class CommitLog {
  private next = 0
  private readonly known = new Map<string, Entry>()

  constructor(private readonly folder: string) {}

  async open(): Promise<void> {
    for (const part of ['log', 'pending', 'rows']) await mkdir(join(this.folder, part), { recursive: true })
    await this.catchUp()
  }

  entry(place: string): Entry | undefined {
    return this.known.get(place)
  }

  /**
   * Appends what `propose` makes of the newest entries. It is called again when another worker was quicker, and may throw.
   */
  async append(propose: () => LogRecord): Promise<void> {
    for (;;) {
      await this.catchUp()
      const record = propose()
      if (await this.create(this.next, record)) {
        await this.apply(record)
        return
      }
    }
  }

  /** Writes rows where nobody looks yet, and says under which name. */
  async write(name: string, rows: string): Promise<string> {
    await durable(join(this.folder, 'pending', name), rows)
    return name
  }

  private async catchUp(): Promise<void> {
    const names = (await readdir(join(this.folder, 'log'))).filter(name => /^\d{10}\.json$/.test(name)).sort()
    for (const name of names.slice(this.next))
      await this.apply(JSON.parse(await readFile(join(this.folder, 'log', name), 'utf8')) as LogRecord)
  }

  /** Rows become visible after their log record: whoever reads the record next does it, if the writer has died in between. */
  private async apply({ entries, rows }: LogRecord): Promise<void> {
    for (const entry of entries) this.known.set(placeOf(entry), entry)
    const number = numbered(this.next++)
    if (rows === undefined) return
    await rename(join(this.folder, 'pending', rows), join(this.folder, 'rows', `${number}.ndjson`)).catch(error => {
      if (error.code !== 'ENOENT') throw error
    })
  }

  /** False when the number is taken. The file is whole before it has its name. */
  private async create(number: number, record: LogRecord): Promise<boolean> {
    const draft = join(this.folder, 'log', `.${process.pid}-${Math.random().toString(36).slice(2)}`)
    await durable(draft, JSON.stringify(record))
    try {
      await link(draft, join(this.folder, 'log', `${numbered(number)}.json`))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    } finally {
      await rm(draft, { force: true })
    }
  }
}

const numbered = (number: number) => String(number).padStart(10, '0')

async function durable(file: string, content: string): Promise<void> {
  const handle = await open(file, 'w')
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
