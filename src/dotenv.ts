import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import { ConfigError } from './errors'
import { fileNames, misspelt, settingNames } from './setting-names'

/**
 * The environment, with those of weir's settings that only `.env` has, and with the names there that were probably meant as such, which
 * the configuration refuses. `.env` may be anybody's: no other name of it gets anywhere, least of all to a child process (NODE_OPTIONS).
 * Changes nothing of this process.
 */
export function withDotenv(
  environment: NodeJS.ProcessEnv = process.env,
  file = '.env',
): Record<string, string | undefined> {
  const found = read(file)
  const names = [
    ...settingNames,
    ...fileNames,
    ...Object.keys(found).filter(name => misspelt({ [name]: found[name] }).length > 0),
  ]
  const added = names.filter(name => environment[name] === undefined && found[name] !== undefined)
  return { ...environment, ...Object.fromEntries(added.map(name => [name, found[name]])) }
}

function read(file: string): Record<string, string> {
  let text: Buffer
  try {
    text = readFileSync(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return {}
    // Passed over, the local stack would be used instead of what it says.
    throw new ConfigError(`${file} can't be read: ${message}; mend it, or take it away`)
  }
  // As Windows' editors write it, no name would be found.
  if (!isUtf8(text) || text.includes(0)) throw new ConfigError(`${file} is no text in UTF-8; save it as such`)
  return parse(text)
}
