import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The oldest Java that Kafka 4 and the registry run on. */
export const javaVersion = 17

/** The first executable file of this name on the PATH. */
export function onPath(name: string, path = process.env.PATH ?? ''): string | undefined {
  for (const folder of path.split(delimiter)) {
    const file = join(folder || '.', name)
    try {
      accessSync(file, constants.X_OK)
      if (statSync(file).isFile()) return file
    } catch {
      // Not here: look in the next folder.
    }
  }
  return undefined
}

/** The major version in what `java -version` prints: `17.0.15` is 17, `1.8.0_392` is 8. */
export function parseJavaVersion(printed: string): number | undefined {
  const found = /version "(?:1\.)?(\d+)/.exec(printed)
  return found?.[1] === undefined ? undefined : Number(found[1])
}

/** The Java to use, JAVA_HOME's before the PATH's; undefined when none is new enough. */
export async function findJava(): Promise<string | undefined> {
  const home = process.env.JAVA_HOME
  for (const java of [home ? join(home, 'bin', 'java') : undefined, onPath('java')]) {
    if (java === undefined) continue
    const printed = await new Promise<string>(resolve =>
      execFile(java, ['-version'], { timeout: 20_000 }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`)),
    )
    if ((parseJavaVersion(printed) ?? 0) >= javaVersion) return java
  }
  return undefined
}
