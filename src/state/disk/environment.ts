import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { UnavailableError } from '../../errors'
import { DataFile } from './data-file'

export type Bytes = Database<Buffer, string>

/** The databases of one store's copy on disk. */
export interface Environment {
  readonly root: RootDatabase
  readonly file: DataFile
  /** Whether a former file was of no use. */
  readonly wasDamaged: boolean
  /** Entries by key, as the changelog has their values. */
  readonly entries: Bytes
  /** The same keys by time; no values. */
  readonly index: Bytes
  /** Owner, origin and position of the copy; versioned, so that a write can depend on who the owner is. */
  readonly about: Bytes
}

/** Strings of bytes as keys. */
const keyEncoder = {
  writeKey(key: unknown, target: Buffer, position: number): number {
    if (typeof key !== 'string') return position
    for (let i = 0; i < key.length; i++) target[position + i] = key.charCodeAt(i)
    return position + key.length
  },
  readKey: (source: Buffer, start: number, end: number): string =>
    Buffer.from(source.buffer, source.byteOffset + start, end - start).toString('latin1'),
}

/** What opening a copy, claiming and releasing it may write. */
const openingBytes = 65_536

const opened = new Map<string, Environment>()

/**
 * Opens the environment in a folder, which is made where it is missing; once in a process, however often it is asked for. LMDB's
 * own mode of durability: a transaction is seen by all when it is committed and on the disk a little later; after a crash of the
 * operating system the last one on the disk counts. A file that LMDB can't map is deleted. Throws UnavailableError where there is no room.
 */
export function openEnvironment(folder: string): Environment {
  const known = opened.get(folder)
  if (known !== undefined) return known
  const file = new DataFile(join(folder, 'data.mdb'))
  try {
    mkdirSync(folder, { recursive: true })
    const environment = file.isSound() ? soundIn(folder, file) : newIn(folder, file)
    opened.set(folder, environment)
    return environment
  } catch (cause) {
    file.close()
    throw (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' ? cause : unwritable(folder, cause)
  }
}

function soundIn(folder: string, file: DataFile): Environment {
  try {
    return { ...databasesIn(folder, file), file, wasDamaged: false }
  } catch (error) {
    if (!isStructures(error)) throw error
    return newIn(folder, file)
  }
}

function newIn(folder: string, file: DataFile): Environment {
  file.close()
  deleteEnvironment(folder)
  return { ...databasesIn(folder, file), file, wasDamaged: true }
}

/** Whether LMDB says that a file's pages aren't what they have to be. */
export const isStructures = (error: unknown): boolean =>
  /MDB_(CORRUPTED|PAGE_NOTFOUND|PANIC|INVALID|BAD)/.test(String(error))

export function unwritable(folder: string, cause: unknown): UnavailableError {
  return new UnavailableError(`disk: ${folder} can't be written to: ${(cause as Error).message}`, {
    cause,
    service: 'disk',
  })
}

/** Deletes what is in a folder: whoever opens it next begins anew. What is open of it stays so, and is of no use. */
export function deleteEnvironment(folder: string): void {
  opened.delete(folder)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}

function databasesIn(folder: string, file: DataFile): Pick<Environment, 'root' | 'entries' | 'index' | 'about'> {
  // Without read-ahead (missing from the types), since keys are asked for in no order.
  const options = {
    path: folder,
    maxDbs: 3,
    noReadAhead: true,
    eventTurnBatching: false,
    keyEncoder,
    encoding: 'binary',
  } as const
  // Loaded for the first store on disk: who has none needs no LMDB.
  const { open } = require('lmdb') as typeof import('lmdb')
  const root = open(options)
  try {
    file.makeRoomSync(openingBytes)
    const database = (name: string, useVersions = false) =>
      root.openDB({ name, encoding: 'binary', keyEncoder, useVersions } as { name: string }) as unknown as Bytes
    return { root, entries: database('entries'), index: database('index'), about: database('about', true) }
  } catch (error) {
    void root.close().catch(() => undefined)
    throw error
  }
}

/** Closes what is open below a folder, once its writes are done. */
export async function closeEnvironments(below: string): Promise<void> {
  const closing: Promise<void>[] = []
  for (const [folder, { root, file }] of opened) {
    if (!folder.startsWith(below)) continue
    opened.delete(folder)
    closing.push(root.close().finally(() => file.close()))
  }
  await Promise.all(closing)
}
