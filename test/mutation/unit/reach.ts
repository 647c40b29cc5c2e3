import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Build, root } from '../schemata/build'
import { closureOf, hashOf, sourcesOf } from '../schemata/hash'
import { UnitRunner } from './runner'

/** A unit test file that passes with no mutant on. */
export interface UnitFile {
  readonly file: string
  readonly ms: number
  /** Numbers of the mutants that it reaches. */
  readonly reached: ReadonlySet<number>
}

/** Longer than this is no unit test that a mutant can be tried with. */
const LONGEST_MS = 60_000
/** Other projects' tests, what runs the simulation itself, what looks at files or programs, and what loads no engine. */
const leftOut = new RegExp(
  `^test/(${
    'scenarios ops browser faults mutation house packages docs deploy stack create cli dashboard simulator ' +
    'codecs audit avro-types schemas tls house-rules typescript config'
  })\\b`.replaceAll(' ', '|'),
)

/** Contract suites: what a ledger, a group and an end promise, on a Kafka of this process's own and on a real Postgres. */
const contracts = /^test\/scenarios\/(light-kafka-(group|ledger)|postgres-(history|refusals|sink))\.test\.ts$/

interface Kept {
  readonly file: string
  readonly hash: string
  readonly ms: number
  readonly reached: readonly number[]
  readonly failure?: string
}

/** Runs every unit test file once, with no mutant on; what stayed as it was is remembered from the last time. */
export async function reachOf(build: Build, tell: (line: string) => void): Promise<UnitFile[]> {
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).map(name => `test/${name}`)
  const files = all.filter(name => name.endsWith('.test.ts') && (contracts.test(name) || !leftOut.test(name))).sort()
  const base = hashOf([build.id, ...sourcesOf('src').filter(name => name.endsWith('.sql'))])
  const before = existsSync(place) ? (JSON.parse(readFileSync(place, 'utf8')) as Kept[]) : []
  const known = new Map(before.map(each => [each.file + each.hash, each]))
  const runner = new UnitRunner(build.id)
  const kept: Kept[] = []
  for (const file of files) {
    // Kept as it goes: a run that is stopped goes on from there.
    if (kept.length % 20 === 0) keep([...before, ...kept])
    const hash = hashOf([base, ...closureOf(file)])
    const one = known.get(file + hash) ?? { file, hash, ...(await dryRun(runner, file)) }
    // Modules that are loaded anew for each file are never let go.
    if (kept.length % 10 === 0) runner.replace()
    if (one.failure !== undefined) tell(`${file} is left out: ${one.failure}`)
    kept.push(one)
  }
  await runner.close()
  keep(kept)
  const passed = kept.filter(({ failure, reached }) => failure === undefined && reached.length > 0)
  return passed.map(({ file, ms, reached }) => ({ file, ms, reached: new Set(reached) }))
}

const place = join(root, '.weir/mutation/reach.json')

function keep(all: readonly Kept[]): void {
  mkdirSync(dirname(place), { recursive: true })
  writeFileSync(place, JSON.stringify(all))
}

/** The second time in a process of its own: who passes only there is run there. */
async function dryRun(runner: UnitRunner, file: string) {
  const order = { mutant: -1, file }
  let answer = await runner.run(order, LONGEST_MS)
  if (answer.failure !== undefined) answer = await runner.run(order, LONGEST_MS)
  const { ms, reached = [], failure } = answer
  return { ms, reached, ...(failure !== undefined && { failure: failure ?? `more than ${LONGEST_MS / 1000} s` }) }
}
