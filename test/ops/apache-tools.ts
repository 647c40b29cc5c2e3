import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { javaPrograms } from '../../src/stack/downloads'
import { stackCache } from '../../src/stack/home'

/** Runs one of Apache's own tools against a cluster and returns the lines of its stdout. */
export type ApacheTool = (
  tool: 'TopicCommand' | 'GroupCommand' | 'GetOffsetShell' | 'TransactionsCommand',
  ...args: string[]
) => Promise<string[]>

const CLASSES = {
  TopicCommand: 'org.apache.kafka.tools.TopicCommand',
  GroupCommand: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  GetOffsetShell: 'org.apache.kafka.tools.GetOffsetShell',
  TransactionsCommand: 'org.apache.kafka.tools.TransactionsCommand',
}

/** The tools' own jar, of the same version as the local stack's Kafka; the rest is the broker's. */
function toolsJar(version: string): string {
  const folder = join(stackCache(), `apache-tools-${version}`)
  const jar = join(folder, `kafka-tools-${version}.jar`)
  if (existsSync(jar)) return jar
  const part = `${folder}.${process.pid}`
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
  const artifact = `-Dartifact=org.apache.kafka:kafka-tools:${version}`
  execFileSync('mvn', ['-q', '-B', copy, artifact, `-DoutputDirectory=${part}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (!existsSync(folder)) renameSync(part, folder)
  return jar
}

/** Java, and the class path of the tools. */
export async function apacheClasspath(): Promise<{ java: string; classpath: string }> {
  const { java, kafka } = await javaPrograms(new AbortController().signal, () => {})
  const version = /^kafka-clients-(.*)\.jar$/.exec(
    readdirSync(kafka).find(file => file.startsWith('kafka-clients-'))!,
  )![1]!
  return { java, classpath: `${join(kafka, '*')}:${toolsJar(version)}` }
}

/** All of them in one JVM, which `stop` ends. */
export async function apacheTools(brokers: string): Promise<{ run: ApacheTool; stop(): void }> {
  const { java, classpath } = await apacheClasspath()
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classpath]
  const runner = spawn(java, [...quick, join(__dirname, 'ToolRunner.java')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: runner.stdout })[Symbol.asyncIterator]()
  const run: ApacheTool = async (tool, ...args) => {
    runner.stdin.write(`${[CLASSES[tool], '--bootstrap-server', brokers, ...args].join('\t')}\n`)
    const { value, done } = await answers.next()
    if (done) throw new Error(`${tool} ${args.join(' ')}: its JVM has ended`)
    const [code, ...printed] = value.split('\t')
    const [stdout, stderr] = printed.map(part => Buffer.from(part, 'base64').toString('utf8'))
    if (code !== '0' && stdout === '') throw new Error(`${tool} ${args.join(' ')}: ${stderr!.slice(-2_000)}`)
    return stdout!.split('\n').filter(text => text.trim() !== '')
  }
  return { run, stop: () => runner.kill() }
}

/** Lines of columns as arrays of cells; lines that start with one of `heads` are left out. */
export function rows(lines: readonly string[], heads: readonly string[]): string[][] {
  return lines.map(line => line.trim().split(/\s+/)).filter(cells => !heads.includes(cells[0]!))
}

export const sorted = (list: readonly (readonly string[])[]): string[] => list.map(cells => cells.join(' ')).sort()
