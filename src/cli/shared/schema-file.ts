import { readFileSync } from 'node:fs'
import { NotFoundError, UsageError } from '../../ops/errors'

/** The text of an .avsc file, `-` for stdin. Throws NotFoundError, UsageError when it is no JSON. */
export function schemaFile(path: string): string {
  let text: string
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new NotFoundError(`file "${path}" can't be read: ${(error as NodeJS.ErrnoException).code ?? error}`)
  }
  try {
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    throw new UsageError(`"${path}" is no JSON: ${(error as Error).message}`)
  }
}
