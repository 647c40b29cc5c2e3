import { loadMutated } from '../schemata/load'
import { runFile } from './circus'
import { compileOnce } from './compile-once'

/** What a lane is asked to do: one test file with one mutant on. */
export interface Order {
  /** -1: none. */
  readonly mutant: number
  readonly file: string
}

export interface Answer {
  readonly failure?: string
  /** False where a test has failed and others still run: another answer follows. */
  readonly isOver: boolean
  readonly ms: number
  /** Only where no mutant was on. */
  readonly reached?: readonly number[]
}

process.env.NODE_ENV = 'test'
process.env.JEST_WORKER_ID = '1'
const board = loadMutated(process.argv[2] ?? '')
compileOnce()
const answer = (one: Answer) => process.send?.(one)

process.on('message', async ({ mutant, file }: Order) => {
  board.turn(mutant)
  board.take()
  const startedAt = performance.now()
  const tell = (isOver: boolean, failure?: string) => {
    const ms = performance.now() - startedAt
    answer({ isOver, ms, ...(failure !== undefined && { failure }), ...(mutant < 0 && { reached: board.take() }) })
  }
  const failure = await runFile(file, words => mutant >= 0 && tell(false, words))
  tell(true, failure)
})
process.on('disconnect', () => process.exit())
