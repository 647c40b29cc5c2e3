import { mkdirSync } from 'node:fs'
import type { Database, RootDatabase } from 'lmdb'

export type Bytes = Database<Buffer, string>

/** The databases of one store's copy on disk. */
export interface Environment {
  readonly root: RootDatabase
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

const opened = new Map<string, Environment>()

/**
 * Opens the environment in a folder, which is made where it is missing; once in a process, however often it is asked for. LMDB's
 * own mode of durability: a transaction is seen by all when it is committed and on the disk a little later; after a crash of the
 * operating system the last one on the disk counts.
 */
export function openEnvironment(folder: string): Environment {
  const known = opened.get(folder)
  if (known !== undefined) return known
  mkdirSync(folder, { recursive: true })
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
  const database = (name: string, useVersions = false) =>
    root.openDB({ name, encoding: 'binary', keyEncoder, useVersions } as { name: string }) as unknown as Bytes
  const environment = { root, entries: database('entries'), index: database('index'), about: database('about', true) }
  opened.set(folder, environment)
  return environment
}

/** Closes what is open below a folder, once its writes are done. */
export async function closeEnvironments(below: string): Promise<void> {
  const closing: Promise<void>[] = []
  for (const [folder, { root }] of opened) {
    if (!folder.startsWith(below)) continue
    opened.delete(folder)
    closing.push(root.close())
  }
  await Promise.all(closing)
}
