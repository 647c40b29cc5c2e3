import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isAlive, type ProcessId } from './processes'
import { StackError } from './stack-error'

const limitMs = 20 * 60_000
let serial = 0

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const exists = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST'

/** Takes away a dead holder's lock. When another process was faster, and this would be its new lock, it is put back. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.${serial++}`
  try {
    renameSync(file, aside)
    if (read(aside) !== stale) linkSync(aside, file)
  } catch {
    // Gone or taken anew in between: the next attempt sees.
  }
  rmSync(aside, { force: true })
}

/**
 * Takes a lock that at most one live process holds: a file that names its holder. Waits up to 20 min for another holder.
 * @param onWait called once when another process holds the lock, with its pid
 * @returns a function that gives it back
 */
export async function lock(file: string, signal: AbortSignal, onWait: (pid: number) => void): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true })
  const own = `${file}.${process.pid}.${serial++}.new`
  const mine = JSON.stringify(identify(process.pid))
  const end = Date.now() + limitMs
  let told = false
  writeFileSync(own, mine)
  try {
    for (;;) {
      signal.throwIfAborted()
      try {
        linkSync(own, file)
        return () => {
          if (read(file) === mine) rmSync(file, { force: true })
        }
      } catch (error) {
        if (!exists(error)) throw error
      }
      const text = read(file)
      const holder = text === '' ? undefined : (JSON.parse(text) as ProcessId)
      if (holder !== undefined && !isAlive(holder)) removeStale(file, text)
      else if (Date.now() > end)
        throw new StackError(`${file} is held by process ${holder?.pid} for more than 20 minutes`)
      else {
        if (!told && holder !== undefined && holder.pid !== process.pid) onWait(holder.pid)
        told = true
        await sleep(100)
      }
    }
  } finally {
    rmSync(own, { force: true })
  }
}
