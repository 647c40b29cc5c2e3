import { type ChildProcess, fork } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resetStack } from '../../../src/stack/stack'
import { root } from '../schemata/build'
import type { Answer, Order } from './lane'

/** How long the rest of a file may take in which a test has failed, ms: what hangs then ends with its process. */
const REST_MS = 500
/** Files that fail leave things behind: after so many of them a process is replaced. */
const MOST_FAILED = 25

/** What came of a file. `failure` says how it failed; undefined: it passed; null: it was not done within its time. */
export interface Ran extends Pick<Answer, 'ms' | 'reached'> {
  readonly failure: string | undefined | null
}

/** A process that runs unit test files, one at a time, and is replaced once it may no longer be of use. */
export class UnitRunner {
  private lane: ChildProcess | undefined
  /** Files that ran in the present process. */
  private ran = 0
  private failed = 0
  /** Of the services that contract suites start. */
  private readonly home = mkdtempSync(join(tmpdir(), 'weir-mutants-'))

  constructor(private readonly build: string) {
    // Postgres runs as another user when root runs this: it must be able to enter.
    chmodSync(this.home, 0o755)
  }

  /** Nothing has run in its process. */
  get isFresh(): boolean {
    return this.ran === 0
  }

  /** Runs a test file; one that fails may go on for a moment, and takes its process with it if that is too long. */
  async run(order: Order, limitMs: number): Promise<Ran> {
    const lane = (this.lane ??= this.start())
    this.ran++
    const { isOver, ...ran } = await answered(lane, order, limitMs)
    if (ran.failure !== undefined && (!isOver || ++this.failed >= MOST_FAILED)) this.replace()
    return ran
  }

  /** The next file runs in a process of its own. */
  replace(): void {
    this.lane?.kill('SIGKILL')
    this.lane = undefined
    this.ran = 0
    this.failed = 0
  }

  /** Ends its process, and what that has started. */
  async close(): Promise<void> {
    this.replace()
    for (const lane of readdirSync(this.home)) await resetStack(join(this.home, lane))
    rmSync(this.home, { recursive: true, force: true })
  }

  private start(): ChildProcess {
    const env = { ...process.env, NODE_ENV: 'test', WEIR_TEST_HOME: this.home }
    const args = [join(__dirname, 'lane.ts'), this.build]
    return fork(join(root, 'bin/run.mjs'), args, { env, cwd: root, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  }
}

async function answered(
  lane: ChildProcess,
  order: Order,
  limitMs: number,
): Promise<Ran & { readonly isOver: boolean }> {
  const startedAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  const off = new AbortController()
  try {
    return await new Promise(resolve => {
      const done = (failure: string | null) => resolve({ failure, ms: performance.now() - startedAt, isOver: false })
      let first: Answer | undefined
      const onMessage = (answer: Answer) => {
        const said: Ran = { failure: undefined, ...answer, ...first }
        if (answer.isOver) return resolve({ ...said, isOver: true })
        first ??= answer
        clearTimeout(timer)
        timer = setTimeout(() => resolve({ ...said, isOver: false }), REST_MS)
      }
      const onExit = (code: number | null) => done(`its process ended (${code})`)
      timer = setTimeout(() => done(null), limitMs)
      lane.on('message', onMessage)
      lane.once('exit', onExit)
      off.signal.addEventListener('abort', () => {
        lane.off('message', onMessage)
        lane.off('exit', onExit)
      })
      lane.send(order)
    })
  } finally {
    clearTimeout(timer)
    off.abort()
  }
}
