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

/** What Kafka and the registry need and this machine hasn't, in words; undefined where nothing is missing. */
export async function lackingPrograms(): Promise<string | undefined> {
  return lacking(await findJava())
}

function lacking(java: string | undefined): string | undefined {
  const what = []
  if (java === undefined) what.push(`a JDK of version ${javaVersion} or newer`)
  if (onPath('mvn') === undefined && !existsSync(cachedFolder())) what.push('Maven')
  return what.length === 0 ? undefined : what.join(' and ')
}

function howToInstall(what: string): string {
  return (
    `The local stack needs ${what}: install with \`apt install openjdk-${javaVersion}-jdk-headless maven\` or ` +
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
  const what = lacking(java)
  if (what !== undefined) throw new StackError(howToInstall(what))
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
