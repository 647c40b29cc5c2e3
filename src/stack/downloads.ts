import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { stackCache } from './home'
import { lock } from './lock'
import { type Launch, runToEnd } from './processes'
import { findJava, javaVersion, onPath } from './programs'
import { StackError } from './stack-error'

/** Java and the programs it runs. */
export interface JavaPrograms {
  readonly java: string
  /** Folder of the broker's jars. */
  readonly kafka: string
  /** Folder of the unpacked registry. */
  readonly registry: string
}

const pom = join(__dirname, 'pom.xml')

/** The folder carries the pom's hash, so that other versions are another download. */
function cachedFolder(): string {
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)
  return join(stackCache(), `java-${version}`)
}

function missing(java: string | undefined, maven: string | undefined, cached: boolean): string | undefined {
  const what = []
  if (java === undefined) what.push(`a JDK of version ${javaVersion} or newer`)
  if (maven === undefined && !cached) what.push('Maven')
  if (what.length === 0) return undefined
  return (
    `The local stack needs ${what.join(' and ')}: install with \`apt install openjdk-${javaVersion}-jdk-headless maven\` or ` +
    `\`brew install openjdk@${javaVersion} maven\`, or run \`docker compose up\`, which starts the same services.`
  )
}

/** Says at most every 2 s how far Maven is: it prints each file's address, then rewrites its progress. */
function mavenProgress(progress: (line: string) => void): (line: string) => void {
  let file = ''
  let told = 0
  return line => {
    const started = /Downloading from \S+ (\S+)/.exec(line)
    if (started?.[1] !== undefined) file = started[1].split('/').pop() ?? ''
    const now = Date.now()
    const share = /Progress[^:]*: (.*\S)/.exec(line)
    if (now - told < 2_000 || (share === null && started === null)) return
    told = now
    progress(`downloading ${file}${share === null ? '' : ` ${share[1]}`}`)
  }
}

/** Maven ends with advice on how to see more; its first error is the reason. */
async function runMaven(launch: Launch, signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
  let reason: string | undefined
  try {
    await runToEnd(launch, signal, line => {
      reason ??= /\[ERROR\] (.*)/.exec(stripVTControlCharacters(line))?.[1]
      onLine(line)
    })
  } catch (error) {
    if (signal.aborted || reason === undefined) throw error
    throw new StackError(`Maven could not download from Maven Central: ${reason.replace(/ -> \[Help \d+\]$/, '')}`)
  }
}

async function download(
  folder: string,
  maven: string,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<void> {
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  const [lib, registry] = [join(part, 'kafka'), join(part, 'registry')]
  mkdirSync(registry, { recursive: true })
  progress('downloading Kafka and the schema registry from Maven Central (about 200 MB, once)')
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`]
  await runMaven({ command: maven, args: ['-f', pom, ...goal] }, signal, mavenProgress(progress))
  const archive = readdirSync(lib).find(name => name.endsWith('.tar.gz'))
  if (archive === undefined) throw new StackError(`Maven left no registry archive in ${lib}`)
  progress(`unpacking ${archive}`)
  await runToEnd({ command: 'tar', args: ['-xzf', join(lib, archive), '-C', registry] }, signal, () => {})
  rmSync(join(lib, archive))
  renameSync(part, folder)
}

/**
 * The Java to use, or one sentence that says what to install.
 * @throws StackError
 */
export async function requireJava(): Promise<string> {
  const java = await findJava()
  const fault = missing(java, onPath('mvn'), existsSync(cachedFolder()))
  if (fault !== undefined) throw new StackError(fault)
  return java!
}

/**
 * Java, and the jars, downloaded once into the cache. Maven is needed for the download only.
 * @throws StackError
 */
export async function javaPrograms(signal: AbortSignal, progress: (line: string) => void): Promise<JavaPrograms> {
  const folder = cachedFolder()
  const java = await requireJava()
  const maven = onPath('mvn')
  if (!existsSync(folder)) {
    const onWait = (pid: number): void => progress(`waiting for process ${pid}, which downloads the same`)
    const unlock = await lock(`${folder}.lock`, { signal, onWait })
    try {
      if (!existsSync(folder) && maven !== undefined) await download(folder, maven, signal, progress)
    } finally {
      unlock()
    }
  }
  return { java, kafka: join(folder, 'kafka'), registry: join(folder, 'registry') }
}
