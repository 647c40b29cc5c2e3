import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { cells } from './real/kinds/cells'
import type { Kind } from './real/kinds/kind'
import { allKinds } from './real/kinds/kinds'
import { CellBook } from './real/kinds/protocol'
import { chosenKinds, type Plan, planOf, UsageError, usage } from './real/plan'
import { lastLook, runRound } from './real/run'
import { Scene } from './real/scene'
import { Tally } from './real/tally'
import { Random } from './world/random'

const root = join(__dirname, '../..')
const home = join(root, '.weir/faults')
/** How often each cell of the protocol was met, by all runs of this checkout. */
const progressFile = join(root, '.weir/faults-progress.json')
const resultsFile = join(__dirname, 'RESULTS.md')

function readProgress(): Record<string, number> {
  return existsSync(progressFile) ? (JSON.parse(readFileSync(progressFile, 'utf8')) as Record<string, number>) : {}
}

/** `before`: what the book doesn't know of, as it began anew. */
function keepProgress({ met }: CellBook, before: Record<string, number>): void {
  const sums = { ...before }
  for (const [cell, count] of met) sums[cell] = (before[cell] ?? 0) + count
  mkdirSync(dirname(progressFile), { recursive: true })
  writeFileSync(progressFile, JSON.stringify(sums))
}

/** Strikes the kinds in turn until the plan is done, and looks once more when nothing moves any more. */
async function runRounds(scene: Scene, plan: Plan, kinds: readonly Kind[], tally: Tally, book: CellBook) {
  const until = plan.minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + plan.minutes * 60_000
  const rounds = plan.minutes === undefined ? plan.rounds : Number.POSITIVE_INFINITY
  const before = plan.resume ? {} : readProgress()
  for (let round = 0; round < rounds; round++)
    for (const kind of kinds) {
      if (performance.now() > until) return lastLook(scene, tally)
      await runRound(scene, kind, tally)
      // Cells that another broker, or another engine, has met are none of these.
      if (!plan.light && plan.planted === undefined) keepProgress(book, before)
    }
  return lastLook(scene, tally)
}

/**
 * `npm run faults`: a fleet and its topology on real services, and what can happen to them: one fault a round, and after each round all that
 * should be there is recomputed from the log and held against what is. Everything stays up between the rounds. Exit code 1 on any difference.
 */
async function main(args: readonly string[]): Promise<void> {
  const plan = planOf(args)
  const { seed, rate, sensors, workers, light, planted } = plan
  const book = new CellBook(plan.resume ? readProgress() : {})
  const kinds = chosenKinds(allKinds(book), plan.only)
  const startedAt = performance.now()
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0)
  const tell = (line: string) => console.log(`${seconds().padStart(5)} ${line}`)
  tell(`seed ${seed}: ${rate} readings/s of ${sensors} sensors, ${workers} workers`)
  const scene = await Scene.open({
    ...{ seed, rate, sensors, workers, light, planted, home, tell },
    random: new Random(seed, 'faults'),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void scene.close().finally(() => process.exit(130)))
  const tally = new Tally()
  try {
    await runRounds(scene, plan, kinds, tally, book)
  } finally {
    await scene.close()
  }
  const rows = tally.table(kinds)
  const sum = `${tally.inWords()}; ${cells.length - book.unmet} of ${cells.length} cells of the protocol met`
  console.log([...rows, sum, ...tally.atEnd.map(each => `at the end: ${each}`)].join('\n'))
  const { failed } = tally
  if (plan.record) {
    const when = new Date().toISOString().slice(0, 16).replace('T', ' ')
    const head = `### ${when}: seed ${seed}, ${rate} readings/s, ${workers} workers, ${cpus().length} cores, ${seconds()} s`
    appendFileSync(resultsFile, `\n${[head, '', `${sum}.`, ...tally.atEnd, '', ...rows].join('\n')}\n`)
  }
  console.log(`${tally.rounds.length - tally.bad} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isUsers = error instanceof UsageError || String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS')
  console.error(isUsers ? `${(error as Error).message}\n${usage}` : error)
  process.exit(isUsers ? 2 : 1)
})
