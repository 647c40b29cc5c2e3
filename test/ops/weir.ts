import { PassThrough, Readable } from 'node:stream'
import { run } from '../../src/cli/shell/run'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Of stdout, without empty ones. */
  readonly lines: readonly string[]
}

/** Runs a command line in this process, as `weir` does in its own. */
export async function weir(line: readonly string[], input = '', stop = new AbortController().signal): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const printed: Buffer[] = []
  const noted: Buffer[] = []
  stdout.on('data', chunk => printed.push(chunk))
  stderr.on('data', chunk => noted.push(chunk))
  const code = await run(line, { stdin: Readable.from([Buffer.from(input)]), stdout, stderr }, stop)
  await new Promise(resolve => setImmediate(resolve))
  const text = Buffer.concat(printed).toString('utf8')
  const lines = text.split('\n').filter(each => each !== '')
  return { code, stdout: text, stderr: Buffer.concat(noted).toString('utf8'), lines }
}

/** The JSON that a command printed. Throws with its stderr when it did not succeed. */
export async function json<T>(line: readonly string[]): Promise<T> {
  const ran = await weir([...line, '-o', 'json'])
  if (ran.code !== 0) throw new Error(`weir ${line.join(' ')}: ${ran.code} ${ran.stderr}`)
  return JSON.parse(ran.stdout) as T
}
