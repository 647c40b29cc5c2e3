import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { choose } from './results/choose'
import { percent, resultsPage, scoreOf } from './results/report'
import { readAnswers, readTried, type Tried, writeTried } from './results/tried'
import { type Build, build } from './schemata/build'
import type { Mutant } from './schemata/schemata'
import { type SeedReach, seedReach, trySeeds } from './simulated/try-seeds'
import { reachOf, type UnitFile } from './unit/reach'
import { UnitRunner } from './unit/runner'
import { Finders, tryUnit } from './unit/try-unit'

/**
 * `npm run mutants -- [--files PATTERN] [--sample 300] [--seed 1] [--seeds 40] [--patience 20] [--lanes 1] [--resume] [--again] [--record]`: tries a sample of mutants, drawn by the seed, and adds
 * what came of it to .weir/mutants.json. `--seeds`: how many of the simulation those are tried with that the unit tests let pass. `--patience`: for how many seconds a mutant's unit
 * tests run at most. `--lanes`: how many mutants are tried at a time. `--resume` leaves out what was
 * tried before; `--again` takes the survivors alone; `--record` writes RESULTS.md of all that was tried.
 * `--sample 0 --record` only writes it. Exit code 0 whatever survives.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      files: { type: 'string', default: '' },
      sample: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '40' },
      patience: { type: 'string', default: '20' },
      lanes: { type: 'string', default: '1' },
      resume: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
    },
  })
  const numbers = [values.sample, values.seed, values.seeds, values.patience, values.lanes].map(Number)
  if (!numbers.every(Number.isSafeInteger))
    throw new RangeError('--sample, --seed, --seeds, --patience and --lanes take whole numbers')
  const [sample = 0, seed = 0, seeds = 0, patience = 0, lanes = 1] = numbers
  const made = build()
  const tried = readTried()
  const isLeft = (key: string) => ['survived', 'unreached'].includes(tried.get(key)?.fate ?? '')
  const wanted = made.mutants
    .filter(({ file }) => new RegExp(values.files).test(file))
    .filter(({ key }) => !values.again || isLeft(key))
  const chosen = choose(wanted, sample, seed).filter(({ key }) => !values.resume || !tried.has(key))
  if (chosen.length > 0) await new Trial(made, tried, seeds, patience).run(chosen, lanes)
  const answers = readAnswers()
  const stale = [...answers.keys()].filter(key => !made.mutants.some(mutant => mutant.key === key))
  for (const key of stale) console.log(`answered.json answers a mutant that is no longer there: ${key}`)
  const report = {
    mutants: made.mutants,
    tried,
    answers,
    seeds,
    patienceSeconds: patience,
    date: today(),
  }
  if (values.record) writeFileSync(join(__dirname, 'RESULTS.md'), resultsPage(report))
  const whole = scoreOf('all', made.mutants, tried, answers)
  console.log(
    `${whole.tried} of ${whole.all} tried: ${percent(whole)} % killed, ${whole.survived} survived, ${whole.answered} answered`,
  )
}

const today = () => new Date().toISOString().slice(0, 10)

/** Runs mutants against the unit tests, and what those let pass against seeds. */
class Trial {
  private readonly finders = new Finders()
  private readonly numbers: ReadonlyMap<string, number>
  private reach: Promise<SeedReach> | undefined

  constructor(
    private readonly build: Build,
    private readonly tried: Map<string, Tried>,
    private readonly seedCount: number,
    private readonly patienceSeconds: number,
  ) {
    this.numbers = new Map(build.mutants.map(({ key }, number) => [key, number]))
    for (const { key, by } of tried.values()) this.learn(key, by)
  }

  async run(mutants: readonly Mutant[], lanes: number): Promise<void> {
    const files = await reachOf(this.build, line => console.log(line))
    const seconds = Math.round(files.reduce((sum, { ms }) => sum + ms, 0) / 1000)
    console.log(`${mutants.length} mutants; ${files.length} test files, ${seconds} s`)
    const left = [...mutants]
    const lane = async () => {
      const runner = new UnitRunner(this.build.id)
      try {
        for (let next = left.shift(); next; next = left.shift()) {
          const verdict = await this.try(runner, files, next.key)
          this.tried.set(next.key, { key: next.key, ...verdict, date: today() })
          this.learn(next.key, verdict.by)
          writeTried(this.tried)
          const by = verdict.by === undefined ? '' : ` (${verdict.by})`
          console.log(`${mutants.length - left.length}/${mutants.length} ${verdict.fate}${by}: ${next.key}`)
        }
      } finally {
        await runner.close()
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  }

  private async try(runner: UnitRunner, files: readonly UnitFile[], key: string): Promise<Pick<Tried, 'fate' | 'by'>> {
    const number = this.numbers.get(key) ?? -1
    const reaching = files.filter(({ reached }) => reached.has(number))
    const source = this.build.mutants[number]?.file ?? ''
    const sorted = this.finders.sorted(source, reaching)
    const verdict = await tryUnit(runner, number, sorted, this.patienceSeconds * 1000)
    if (verdict.fate === 'unit' || verdict.fate === 'timeout') return verdict
    this.reach ??= seedReach(this.build, this.seedCount, line => console.log(line))
    const reach = await this.reach
    const found = await trySeeds(this.build, number, reach)
    if (found !== undefined) return { fate: found.isTimeout ? 'timeout' : 'simulation', by: `seed ${found.seed}` }
    const isReached = reaching.length > 0 || [...reach.values()].some(reached => reached.has(number))
    return { fate: isReached ? 'survived' : 'unreached' }
  }

  private learn(key: string, by: string | undefined): void {
    const source = this.build.mutants[this.numbers.get(key) ?? -1]?.file
    if (source !== undefined && by?.endsWith('.test.ts')) this.finders.add(source, by)
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
})
