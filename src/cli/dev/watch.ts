import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'

/** What is not somebody's code: installed, made, or weir's own. */
const foreign = /^(node_modules|dist|coverage|\..*)$/
const code = /\.([cm]?[jt]s|json|avsc)$/
/** An editor writes a file several times; a checkout of a branch many files. */
const quietMs = 150

/**
 * Calls `changed` with the name of a file of code below `folder` once it, and all others, have been quiet for a moment. Each folder has a
 * watcher of its own, since a recursive one would watch every installed file, too. @returns what ends it
 */
export function onSave(folder: string, changed: (file: string) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const watchers = new Map<string, FSWatcher>()
  const forget = (inside: string): void => {
    watchers.get(inside)?.close()
    watchers.delete(inside)
  }
  const onEvent = (inside: string, name: string): void => {
    const path = join(inside, name)
    const found = statSync(join(folder, path), { throwIfNoEntry: false })
    if (found?.isDirectory()) add(path)
    else forget(path)
    if (!found?.isFile() || !code.test(name)) return
    clearTimeout(timer)
    timer = setTimeout(() => changed(path), quietMs)
  }
  const add = (inside: string): void => {
    if (watchers.has(inside)) return
    const watcher = watch(join(folder, inside))
    watcher.on('change', (_, name) => !foreign.test(String(name)) && onEvent(inside, String(name)))
    watcher.on('error', () => forget(inside))
    watchers.set(inside, watcher)
    for (const entry of readdirSync(join(folder, inside), { withFileTypes: true }))
      if (entry.isDirectory() && !foreign.test(entry.name)) add(join(inside, entry.name))
  }
  add('')
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers.values()) watcher.close()
  }
}
