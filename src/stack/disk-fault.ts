import { statfsSync } from 'node:fs'
import { stackCommand } from './home'
import { StackError } from './stack-error'

/** What the first start of all services writes, and a little for their logs. */
const leastFreeBytes = 128 * 1024 * 1024

const full = new Set(['ENOSPC', 'EDQUOT'])
const refused = new Set(['EACCES', 'EPERM', 'EROFS'])
const otherKind = new Set(['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY', 'ERR_FS_EISDIR', 'ELOOP'])

interface DiskError extends Error {
  readonly code: string
  readonly path?: string
}

/** An error of the file system, as Node throws it. */
const isDiskError = (error: unknown): error is DiskError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && ('path' in error || 'syscall' in error)

/** Whether nothing can be written there, be it that the disk is full or that it may not be. */
export const isUnwritable = (error: unknown): boolean =>
  isDiskError(error) && (full.has(error.code) || refused.has(error.code))

const inMegabytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MB`
const howToFree = `free some space (\`${stackCommand} reset\` deletes the data of the local services)`

/** Throws StackError when the disk of `home` has too little space for services to start: they would end with less clear words. */
export function requireSpace(home: string): void {
  const { blocks, bavail, bsize } = statfsSync(home)
  const free = bavail * bsize
  // Some file systems tell no sizes.
  if (blocks === 0 || free >= leastFreeBytes) return
  throw new StackError(
    `the disk of ${home} has only ${inMegabytes(free)} free, and the services need ${inMegabytes(leastFreeBytes)}: ${howToFree}, then start again`,
  )
}

/** What an error of the file system means for the user, as StackError; any other error as it is. */
export function inWords(error: unknown, home: string): unknown {
  if (!isDiskError(error)) return error
  const where = error.path ?? home
  const say = (what: string) => new StackError(`${what} (${error.code})`, { cause: error })
  if (full.has(error.code)) return say(`the disk is full, ${where} can't be written: ${howToFree}, then try again`)
  if (refused.has(error.code))
    return say(
      `${where} can't be changed by this user: make ${home} writable, or name another folder with WEIR_HOME=/path/of/a/folder`,
    )
  if (otherKind.has(error.code))
    return say(`${where} is in the way, it is not what weir has put there: move it elsewhere, then try again`)
  return say(`${where}: ${error.message}`)
}
