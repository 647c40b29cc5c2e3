import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isUnwritable } from './disk-fault'
import { asProcessId, identify, isAlive, type ProcessId } from './processes'
import { StackError } from './stack-error'

const limitMs = 20 * 60_000
let serial = 0

export interface LockOptions {
  readonly signal: AbortSignal
  /** Called once when another process holds the lock, with its pid. */
  readonly onWait: (pid: number) => void
  /**
   * Where the lock can't be written (a full disk, a folder that is read-only), wait until nobody holds it and go on without. For what
   * must work there, as ending the services; whoever would start some at the same time fails for want of the lock.
   */
  readonly evenUnwritable?: boolean
}

const hasCode = (error: unknown, code: string): boolean => (error as Partial<NodeJS.ErrnoException>).code === code

/** What is in the lock; undefined where there is none. What can't be read is empty: nobody's. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return hasCode(error, 'ENOENT') ? undefined : ''
  }
}

/** The process that holds a lock; undefined for one that is gone, and for text that no holder has written. */
function holderIn(text: string): ProcessId | undefined {
  try {
    const holder = asProcessId(JSON.parse(text))
    return holder !== undefined && isAlive(holder) ? holder : undefined
  } catch {
    return undefined
  }
}

/** Takes away a lock that nobody holds. When another process was faster, and this would be its new lock, it is put back. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.${serial++}`
  try {
    renameSync(file, aside)
    if (read(aside) !== stale) linkSync(aside, file)
  } catch (error) {
    if (isUnwritable(error)) throw error
    // Gone or taken anew in between: the next attempt sees.
  }
  rmSync(aside, { recursive: true, force: true })
}

/** A lock that can't be removed is nobody's once this process has ended. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch (error) {
    if (!isUnwritable(error)) throw error
  }
}

/** Makes the lock where there is none. It is written beside and linked, so that nobody sees a part of it. */
function take(file: string, mine: string): boolean {
  const own = `${file}.${process.pid}.${serial++}.new`
  try {
    writeFileSync(own, mine)
    linkSync(own, file)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    remove(own)
  }
}

/**
 * Takes a lock that at most one live process holds: a file that names its holder. Waits up to 20 min for another holder; what a dead one
 * has left, or is no lock's text, is removed.
 * @returns a function that gives it back
 */
export async function lock(file: string, { signal, onWait, evenUnwritable }: LockOptions): Promise<() => void> {
  const mine = JSON.stringify(identify(process.pid))
  const end = Date.now() + limitMs
  let waits = false
  for (;;) {
    signal.throwIfAborted()
    const text = read(file)
    const holder = text === undefined ? undefined : holderIn(text)
    if (holder === undefined) {
      try {
        mkdirSync(dirname(file), { recursive: true })
        if (text !== undefined) removeStale(file, text)
        if (take(file, mine))
          return () => {
            if (read(file) === mine) remove(file)
          }
      } catch (error) {
        if (evenUnwritable && isUnwritable(error)) return () => {}
        throw error
      }
    } else {
      if (Date.now() > end) throw new StackError(`${file} is held by process ${holder.pid} for more than 20 minutes`)
      if (!waits && holder.pid !== process.pid) onWait(holder.pid)
      waits = true
    }
    await sleep(100)
  }
}
