import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian's name first. */
const names = ['chromium', 'chromium-browser', 'google-chrome']

export const howToInstall = 'install it as `apt-get install chromium` does, and run this again'

/** The browser that the tests run: the first of the usual names on the PATH; undefined where there is none. */
export function chromiumPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
