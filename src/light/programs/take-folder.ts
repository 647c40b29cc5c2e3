import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Takes a folder for this process until it ends: two that write to one would each answer for what the other has overwritten. Throws an Error
 * where a process of this machine has it. What a killed one has left is taken over.
 */
export function takeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'lock')
  const holder = read(file)
  if (holder !== undefined && isAlive(holder))
    throw new Error(`${folder} is in use by process ${holder.pid}, which runs on ${holder.folder}: end that first`)
  rmSync(file, { force: true })
  // Fails where another start was faster.
  writeFileSync(file, JSON.stringify({ pid: process.pid, folder }), { flag: 'wx' })
  process.once('exit', () => rmSync(file, { force: true }))
}

interface Holder {
  readonly pid: number
  readonly folder: string
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

/** Whether it is the process that took the folder, and not a later one by the same number: that was started on other folders. */
function isAlive({ pid, folder }: Holder): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Another user's is one too.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
  } catch {
    // There is no /proc on this system.
    return true
  }
}
