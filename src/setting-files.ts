import { readFileSync } from 'node:fs'
import { ConfigError } from './errors'
import { fileNames } from './setting-names'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Puts the texts of files in the place of the variables that name them: `DATABASE_URL_FILE=/run/secrets/db` is
 * `DATABASE_URL`, as Docker and Kubernetes mount secrets. Line ends at the end don't count.
 *
 * @throws ConfigError for a file that can't be read or is empty, and where both are given; it shows no file's text
 */
export function withFiles(variables: Variables): Record<string, string | undefined> {
  const found: Record<string, string | undefined> = { ...variables }
  for (const name of fileNames) {
    const path = variables[name]
    if (!path) continue
    const setting = name.slice(0, -'_FILE'.length)
    if (variables[setting]) throw new ConfigError(`${setting} and ${name} are both given: take one of them away`)
    found[setting] = textOf(path, name)
    delete found[name]
  }
  return found
}

function textOf(path: string, name: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '')
  } catch (error) {
    throw new ConfigError(`${name}: ${path} can't be read: ${(error as NodeJS.ErrnoException).code ?? error}`)
  }
  if (text === '') throw new ConfigError(`${name}: ${path} is empty`)
  return text
}
