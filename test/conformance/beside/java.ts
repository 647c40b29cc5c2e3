import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findJava, onPath } from '../../../src/stack/programs'

/** The version that is run beside weir; the recordings' is in recorder/pom.xml. */
const kafkaVersion = '4.4.0'
const recorder = join(__dirname, '..', 'recorder')
const run = promisify(execFile)

/** Compiles recorder/ against Kafka Streams from Maven Central; gives the command that runs one of its programs. */
export async function javaCommand(folder: string, program: string): Promise<[string, ...string[]]> {
  const [java, maven, compiler] = [await findJava(), onPath('mvn'), onPath('javac')]
  if (java === undefined || maven === undefined || compiler === undefined)
    throw new Error('--beside needs a JDK 17 or newer and Maven on the PATH')
  const [classes, path, sources] = [join(folder, 'classes'), join(folder, 'classpath'), join(recorder, 'src')]
  mkdirSync(classes, { recursive: true })
  const goal = ['dependency:build-classpath', `-Dkafka=${kafkaVersion}`, `-Dmdep.outputFile=${path}`]
  // What is there already is taken without asking anybody; only what lacks is downloaded.
  const ask = (more: readonly string[]) => run(maven, ['-q', '-B', ...more, '-f', join(recorder, 'pom.xml'), ...goal])
  await ask(['-o']).catch(() => ask([]))
  if (!existsSync(path)) throw new Error(`Maven has told no class path for ${recorder}`)
  const jars = readFileSync(path, 'utf8').trim()
  const files = readdirSync(sources).map(file => join(sources, file))
  await run(compiler, ['-nowarn', '-d', classes, '-cp', jars, ...files])
  return [java, '-Xmx1g', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${classes}:${jars}`, program]
}
