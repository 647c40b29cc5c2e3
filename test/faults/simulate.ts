import { parseArgs } from 'node:util'
import { add, lacksOf, neverStruck, noTotals, type Totals } from './gates'
import { Lanes } from './lanes'
import type { Outcome } from './outcome'
import { findPlanted, MOST_SEEDS } from './planted/find'
import { shrink } from './shrink'
import { allPoints, type Point } from './weather/points'

/** One seed in so many is run twice, and has to do the same twice. */
const TWICE_EVERY = 100
const TOLD_EVERY = 100
const MOST_TOLD = 3
const STORY_LINES = 120

/**
 * `npm run simulate-faults -- --seeds 1000 [--seed 1] [--lanes 2] [--left point,point]`: the engine in simulated worlds, one a seed, and what came
 * out held against what its input says. A seed that fails is narrowed down and told. `--planted` runs the engine with bugs that were put
 * into it, and says after how many seeds each was found (`--only name,name`; `--seeds` is then the most for each), save for those that only real services show. The last line is `N passed, N failed`.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      lanes: { type: 'string', default: '2' },
      left: { type: 'string' },
      only: { type: 'string' },
      planted: { type: 'boolean', default: false },
    },
  })
  const usual = values.planted ? MOST_SEEDS : 100
  const [first, count, width] = [Number(values.seed), Number(values.seeds ?? usual), Number(values.lanes)]
  if (![first, count, width].every(each => Number.isSafeInteger(each) && each > 0))
    throw new RangeError('--seed, --seeds and --lanes take whole numbers from 1 on')
  const failed = values.planted
    ? await findPlanted(width, values.only?.split(','), count)
    : await runSeeds(first, count, width, values.left)
  console.log(`${failed.of - failed.count} passed, ${failed.count} failed`)
  process.exitCode = failed.count > 0 ? 1 : 0
}

async function runSeeds(first: number, count: number, width: number, leftText: string | undefined) {
  const left = leftText?.split(',').filter(isPoint)
  const lanes = new Lanes(width)
  const totals = noTotals()
  const failures: Outcome[] = []
  const startedAt = performance.now()
  const one = async (seed: number) => {
    const order = { seed, ...(left && { left }) }
    const outcome = await lanes.run(order)
    const isTwice = seed % TWICE_EVERY === 0 && outcome.cut === undefined
    const again = isTwice ? await lanes.run(order) : outcome
    const words = `not the same twice: ${outcome.trace}, ${again.cut === undefined ? again.trace : again.violations[0]}`
    const unlike = again.trace === outcome.trace ? [] : [words]
    const lacks = left === undefined ? lacksOf(outcome) : []
    add(totals, outcome)
    const violations = [...outcome.violations, ...unlike, ...lacks]
    if (violations.length > 0) {
      failures.push({ ...outcome, violations })
      console.log(`seed ${seed} failed: ${violations[0]?.slice(0, 300)}`)
    }
    if (totals.seeds % TOLD_EVERY === 0)
      console.log(`${totals.seeds} seeds, ${failures.length} failed, ${seconds(startedAt)}`)
  }
  try {
    await Promise.all(Array.from({ length: count }, (_, i) => one(first + i)))
    tellTotals(totals, startedAt)
    const never = neverStruck(totals)
    for (const place of never) console.log(`never struck: ${place}`)
    for (const failure of failures.slice(0, MOST_TOLD)) await tell(lanes, failure)
    const gates = never.length > 0 ? 1 : 0
    return { of: count + gates, count: failures.length + gates }
  } finally {
    lanes.close()
  }
}

const isPoint = (name: string): name is Point => allPoints.some(point => point === name)

const seconds = (startedAt: number) => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`

function tellTotals(totals: Totals, startedAt: number): void {
  const { seeds, records, compared, faults, kills, generations, fenced, events, timeMs, places, carriedOver, ahead } =
    totals
  const rate = (seeds / ((performance.now() - startedAt) / 1000)).toFixed(1)
  console.log(
    `${seeds} seeds in ${seconds(startedAt)} (${rate}/s): ${records} records, ${compared} results compared, ${faults} faults at ${places.size} places, ${kills} kills, ` +
      `${generations} generations, ${fenced} writes fenced, ${carriedOver} tasks went on through a rebalance, ${ahead} were taken over where an end was several commits ahead, ${events} events in ${Math.round(timeMs / 3_600) / 1_000} simulated hours`,
  )
}

async function tell(lanes: Lanes, failure: Outcome): Promise<void> {
  const narrow = await shrink(lanes, failure)
  console.log(`\nseed ${failure.seed} failed:`)
  for (const violation of failure.violations) console.log(`  ${violation.slice(0, 1_500)}`)
  if (narrow !== undefined) {
    const { left, outcome } = narrow
    console.log(`with ${left.length === 0 ? 'no point' : left.join(', ')} alone:`)
    for (const violation of outcome.violations) console.log(`  ${violation.slice(0, 1_500)}`)
    for (const line of outcome.story.slice(-STORY_LINES)) console.log(`    ${line}`)
  }
  const alone = narrow && ` --left ${narrow.left.join(',') || 'none'}`
  console.log(`again: npm run simulate-faults -- --seed ${failure.seed} --seeds 1${alone ?? ''}\n`)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
