import { readFileSync } from 'node:fs'
import { NotFoundError } from '../../ops/errors'

/** The text of a file, `-` for stdin. Throws NotFoundError. */
export function textFile(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new NotFoundError(`file "${path}" can't be read: ${(error as NodeJS.ErrnoException).code ?? error}`)
  }
}
