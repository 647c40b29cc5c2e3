import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Journal } from './journal'
import { ANEW, type Keeper, type KeptLog } from './keeper'
import { LogFile } from './log-file'

/**
 * Keeps a cluster in a folder: `journal`, and of each partition `logs/<topic>-<partition>`. What is kept is handed to the system and not
 * forced to the disk: it outlives a process that is killed, and not the power. One process at a time may have the folder.
 */
export class Folder implements Keeper {
  private readonly journal: Journal
  private readonly logs: string

  /**
   * Makes the folder where there is none. Throws an Error for one that this version can't read. `failed` is called for what can't be
   * written, by a full disk; it must not come back, since what was to be kept counts already.
   */
  constructor(
    readonly place: string,
    private readonly failed: (error: Error) => never,
  ) {
    this.logs = join(place, 'logs')
    mkdirSync(this.logs, { recursive: true })
    const journal = join(place, 'journal')
    if (!existsSync(journal) && readdirSync(this.logs).length > 0)
      throw new Error(`${this.logs} has logs, and ${journal}, which says what they are, is gone; ${ANEW}`)
    this.journal = new Journal(journal)
  }

  all(kind: string): readonly (readonly [string, unknown])[] {
    return this.journal.all(kind)
  }

  put(kind: string, name: string, value: () => unknown): void {
    this.orFail(() => this.journal.put(kind, name, value()))
  }

  drop(kind: string, name: string): void {
    this.orFail(() => this.journal.put(kind, name, undefined))
  }

  log(topic: string, partition: number): KeptLog {
    const file = new LogFile(join(this.logs, `${topic}-${partition}`))
    const name = `${topic}-${partition}`
    return {
      place: file.place,
      read: () => ({ ...file.read(), snapshot: this.journal.get('snapshot', name) }),
      append: batch => this.orFail(() => file.append(batch)),
      replace: (startOffset, batches, snapshot) => {
        this.put('snapshot', name, snapshot)
        this.orFail(() => file.replace(startOffset, batches))
      },
      delete: () => {
        this.orFail(() => file.delete())
        if (this.journal.get('snapshot', name) !== undefined) this.drop('snapshot', name)
      },
    }
  }

  private orFail(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.failed(new Error(`${this.place} can't be written: ${(error as Error).message}`))
    }
  }
}
