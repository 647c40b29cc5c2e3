import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { NotFoundError } from '../../ops/errors'
import type { Streams } from './output'

/** The text of a file, `-` for stdin. Rejects with NotFoundError. */
export async function textFile(path: string, { stdin }: Pick<Streams, 'stdin'>): Promise<string> {
  try {
    return path === '-' ? await text(stdin) : await readFile(path, 'utf8')
  } catch (error) {
    throw new NotFoundError(`file "${path}" can't be read: ${(error as NodeJS.ErrnoException).code ?? error}`)
  }
}
