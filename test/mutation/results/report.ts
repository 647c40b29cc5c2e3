import type { Mutant } from '../schemata/schemata'
import type { Tried } from './tried'

/** Where the contract suites are. */
const SCENARIOS = 'test/scenarios/'

/** What the mutants of a file have come to. */
export interface Score {
  readonly file: string
  readonly all: number
  readonly tried: number
  readonly unit: number
  readonly contract: number
  readonly simulation: number
  readonly timeout: number
  readonly answered: number
  readonly survived: number
}

/** Killed, of those that were tried and can be killed, %. */
export function percent({ unit, contract, simulation, timeout, survived }: Score): string {
  const killed = unit + contract + simulation + timeout
  return killed + survived === 0 ? '-' : ((100 * killed) / (killed + survived)).toFixed(1)
}

export function scoreOf(
  file: string,
  mutants: readonly Mutant[],
  tried: ReadonlyMap<string, Tried>,
  answers: ReadonlyMap<string, string>,
): Score {
  const fates = mutants.flatMap(({ key }) => {
    const { fate, by } = tried.get(key) ?? {}
    if (fate === undefined) return []
    const isKilled = fate !== 'survived' && fate !== 'unreached'
    return [
      isKilled
        ? fate === 'unit' && by?.startsWith(SCENARIOS)
          ? 'contract'
          : fate
        : answers.has(key)
          ? 'answered'
          : 'survived',
    ]
  })
  const count = (wanted: string) => fates.filter(fate => fate === wanted).length
  const [unit, contract, simulation] = [count('unit'), count('contract'), count('simulation')]
  const [timeout, answered, survived] = [count('timeout'), count('answered'), count('survived')]
  return { file, all: mutants.length, tried: fates.length, unit, contract, simulation, timeout, answered, survived }
}

export interface Report {
  readonly mutants: readonly Mutant[]
  readonly tried: ReadonlyMap<string, Tried>
  readonly answers: ReadonlyMap<string, string>
  /** Seeds that a survivor of the unit tests is tried with. */
  readonly seeds: number
  readonly patienceSeconds: number
  readonly date: string
}

/** RESULTS.md. */
export function resultsPage(report: Report): string {
  const { mutants, tried, answers, date } = report
  const files = [...new Set(mutants.map(({ file }) => file))]
  const scores = files.map(file =>
    scoreOf(
      file,
      mutants.filter(mutant => mutant.file === file),
      tried,
      answers,
    ),
  )
  const whole = scoreOf('all', mutants, tried, answers)
  const seen = scores.filter(score => score.tried > 0)
  const left = mutants.filter(({ key }) => isLeft(tried.get(key)) && !answers.has(key))
  return `# What mutants have found

\`npm run mutants -- --sample 300 --resume --record\` changes one thing of the engine, or of a file that keeps positions or carries a commit, and runs the unit tests and the contract suites that come by
it, the likeliest and quickest first, for ${report.patienceSeconds} s at most; what those let pass ${report.seeds > 0 ? `is tried with the simulation's seeds 1 to ${report.seeds} that come by it` : 'was not tried with the simulation that day'}. A mutant that nothing finds is a gap, dead
code, or no difference: then [answered.json](answered.json) says why, and it counts neither way.

${date}: ${whole.tried} of ${whole.all} mutants tried, ${Math.round(whole.tried / Math.max(1, seen.length))} of each file or its share. Tests that were written for survivors count, so it says less of mutants that nobody has tried. **${percent(whole)} % killed**: ${whole.unit} by unit tests, ${whole.contract} by contract suites, ${whole.simulation} by the simulation, ${whole.timeout} stood still;
${whole.answered} answered, ${whole.survived} survived.

| file | mutants | tried | unit | contract | simulation | stood still | answered | survived | killed, % |
|---|---|---|---|---|---|---|---|---|---|
${[...seen, whole].map(rowOf).join('\n')}

## Survivors

${left.map(mutant => lineOf(mutant, tried.get(mutant.key))).join('\n')}
`
}

const isLeft = (tried: Tried | undefined) => tried?.fate === 'survived' || tried?.fate === 'unreached'

function rowOf(score: Score): string {
  const { file, all, tried, unit, contract, simulation, timeout, answered, survived } = score
  return `| ${[file.replace(/^src\//, ''), all, tried, unit, contract, simulation, timeout, answered, survived, percent(score)].join(' | ')} |`
}

/** A line of code has no backtick or bar that Markdown would take for its own. */
const quoted = (text: string) => `\`\` ${text} \`\``

function lineOf({ file, line, operator, from, to }: Mutant, tried: Tried | undefined): string {
  const note = tried?.fate === 'unreached' ? ', reached by nothing' : ''
  return `- ${file.replace(/^src\//, '')}:${line}: ${operator}, ${quoted(from)}${to === '' ? '' : ` to ${quoted(to)}`}${note}`
}
