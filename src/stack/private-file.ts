import { rmSync, writeFileSync } from 'node:fs'

/** Writes a file for its owner's eyes only. */
export function writePrivate(file: string, text: string): void {
  // The mode counts for a file that is new.
  rmSync(file, { force: true })
  writeFileSync(file, text, { mode: 0o600 })
}
