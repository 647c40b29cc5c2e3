import type { Order } from './lane'
import type { UnitFile } from './reach'
import type { UnitRunner } from './runner'

/** Times what a file takes without a mutant is too long with one; beside that, ms, and for a process that has to start. */
const TOO_LONG = 3
const MORE_MS = 2_000
const START_MS = 10_000
const LONGEST_CONTROL_MS = 180_000

/** What the unit tests say to a mutant. */
export interface UnitVerdict {
  readonly fate: 'unit' | 'timeout' | 'survived' | 'unreached'
  /** The file that found it. */
  readonly by?: string
}

/** How often each test file has found a mutant of a source file: who has found some finds others. */
export class Finders {
  private readonly found = new Map<string, number>()

  add(source: string, file: string): void {
    const key = `${source} ${file}`
    this.found.set(key, (this.found.get(key) ?? 0) + 1)
  }

  /** The files in the order in which one of them probably fails soonest. */
  sorted(source: string, files: readonly UnitFile[]): UnitFile[] {
    const name = source.replace(/^.*\/(.*)\.ts$/, '$1')
    const costOf = ({ file, ms }: UnitFile) => {
      const isOwn = file.endsWith(`/${name}.test.ts`)
      return ms / (1 + (isOwn ? 20 : 0) + 4 * (this.found.get(`${source} ${file}`) ?? 0))
    }
    return [...files].sort((a, b) => costOf(a) - costOf(b))
  }
}

/** Runs the test files that reach a mutant, until one fails or they have taken `patienceMs` in all. */
export async function tryUnit(
  runner: UnitRunner,
  mutant: number,
  files: readonly UnitFile[],
  patienceMs: number,
): Promise<UnitVerdict> {
  let leftMs = patienceMs
  for (const { file, ms } of files) {
    if (leftMs <= 0) break
    leftMs -= ms
    const wasFresh = runner.isFresh
    const limitMs = TOO_LONG * ms + (wasFresh ? START_MS : MORE_MS)
    let { failure } = await runner.run({ mutant, file }, limitMs)
    if (failure === null) failure = await afterControl(runner, { mutant, file })
    else if (failure !== undefined && !wasFresh && !(await isClean(runner, file, limitMs)))
      failure = (await runner.run({ mutant, file }, limitMs + START_MS)).failure
    if (failure !== undefined) return { fate: failure === null ? 'timeout' : 'unit', by: file }
  }
  return { fate: files.length === 0 ? 'unreached' : 'survived' }
}

/** What ran before in its process may have left something behind that makes a file fail; then the process is replaced. */
async function isClean(runner: UnitRunner, file: string, limitMs: number): Promise<boolean> {
  if (runner.isFresh) return false
  const { failure } = await runner.run({ mutant: -1, file }, limitMs)
  if (failure !== undefined) runner.replace()
  return failure === undefined
}

/** A machine that is busy makes everything late: what took too long runs once more, and may take three times what the file takes now without a mutant. */
async function afterControl(runner: UnitRunner, order: Order): Promise<string | undefined | null> {
  runner.replace()
  const startedAt = performance.now()
  const control = await runner.run({ ...order, mutant: -1 }, LONGEST_CONTROL_MS)
  const limitMs = TOO_LONG * (performance.now() - startedAt) + MORE_MS
  runner.replace()
  // Nothing can be said of a file that doesn't pass now.
  return control.failure === undefined ? (await runner.run(order, limitMs)).failure : undefined
}
