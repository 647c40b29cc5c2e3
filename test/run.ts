import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { javaPrograms } from '../src/stack/downloads'
import { resetStack } from '../src/stack/stack'
import { chromiumPath, howToInstall } from './browser/chromium'

/**
 * `npm test [-- --only types|lint|unit|scenarios|browser]... [-- <jest arguments>]`: types, lint, unit tests, then the scenarios in two
 * lanes, each with services of its own. Ends with `N passed, N failed`, and with exit code 1 when anything failed.
 * `--only browser`, which is `npm run test:browser`, opens the dashboard in a browser; it is not part of the default.
 */
const root = resolve(__dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'weir-test-'))
const usual = ['types', 'lint', 'unit', 'scenarios'] as const
const steps = [...usual, 'browser'] as const
type Step = (typeof steps)[number]

interface Total {
  passed: number
  failed: number
}
/** What of jest's JSON report matters here. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numRuntimeErrorTestSuites: number
  readonly testResults: readonly {
    readonly name: string
    readonly startTime: number
    readonly endTime: number
    readonly assertionResults: readonly { readonly fullName: string; readonly duration?: number | null }[]
  }[]
}

const interruption = new AbortController()
let child: ReturnType<typeof spawn> | undefined

function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<boolean> {
  const started = spawn(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  child = started
  return new Promise(resolve => started.once('exit', code => resolve(code === 0)))
}

async function check(program: string, args: readonly string[]): Promise<Total> {
  const ok = await run(program, args)
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 }
}

async function jest(project: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Total> {
  const file = join(scratch, `${project}.json`)
  // Exits when the last test is done, whatever a failed one has left open: a run that hangs would tell nothing.
  const report = ['--json', `--outputFile=${file}`, '--testLocationInResults', '--forceExit']
  const ok = await run('jest/bin/jest.js', ['--selectProjects', project, ...report, ...args], environment)
  let found: Report
  try {
    found = JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return { passed: 0, failed: 1 }
  }
  if (project !== 'unit') printDurations(found)
  const failed = found.numFailedTests + found.numRuntimeErrorTestSuites
  // A run that jest itself finds wanting, by an open handle or a threshold, has failed too.
  return { passed: found.numPassedTests, failed: ok ? failed : Math.max(1, failed) }
}

const seconds = (ms: number, what: string): string => `${(ms / 1000).toFixed(1).padStart(8)}  ${what}`

function printDurations({ testResults }: Report): void {
  const files = testResults.map(
    ({ name, startTime, endTime }) => [name.slice(root.length + 1), endTime - startTime] as const,
  )
  console.log('\nseconds by file')
  for (const [name, ms] of files.sort((a, b) => b[1] - a[1])) console.log(seconds(ms, name))
  console.log('\nthe slowest tests')
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const slowest = tests.toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0))
  for (const { fullName, duration } of slowest.slice(0, 25)) console.log(seconds(duration ?? 0, fullName))
}

/** The services' programs; main() begins to fetch them while the steps before need the processor, not the network. */
let fetching: Promise<unknown> | undefined
function fetched(): Promise<unknown> {
  fetching ??= javaPrograms(interruption.signal, line => process.stderr.write(`${line}\n`))
  return fetching
}

/** A scenario mostly waits: for a session to end, a service to come back, a window to close. Two at a time fill two cores. */
const lanes = 2

/** Each lane starts the services that its files ask for, and they end with it. */
async function onServices(project: string, args: readonly string[]): Promise<Total> {
  await fetched()
  const home = mkdtempSync(join(scratch, 'services-'))
  // Postgres runs as another user when root runs this: it must be able to enter.
  for (const folder of [scratch, home]) chmodSync(folder, 0o755)
  try {
    return await jest(project, args, { WEIR_TEST_HOME: home })
  } finally {
    for (const lane of readdirSync(home)) await resetStack(join(home, lane))
  }
}

/** What is drawn for the documents is a fleet and nothing that other files have left. */
const pictures = 'browser/pictures'

/** One file after the other: figures of a page are no figures when another browser has the processor. */
async function browser(args: readonly string[]): Promise<Total> {
  const run = (...more: readonly string[]) => onServices('browser', ['--maxWorkers=1', ...more])
  if (chromiumPath() !== undefined) {
    if (args.length > 0) return run(...args)
    const drawn = await run('--testPathPatterns', pictures)
    const { passed, failed } = await run('--testPathIgnorePatterns', pictures)
    return { passed: drawn.passed + passed, failed: drawn.failed + failed }
  }
  console.log(`browser: left out, there is no Chromium on this machine: ${howToInstall}`)
  return { passed: 0, failed: 0 }
}

const work: Record<Step, (args: readonly string[]) => Promise<Total>> = {
  types: () => check('typescript/bin/tsc', ['--noEmit']),
  lint: () => check('@biomejs/biome/bin/biome', ['check', '.']),
  // What files leave behind in a worker's heap makes those that come last several times slower.
  unit: args => jest('unit', [`--maxWorkers=${availableParallelism()}`, '--workerIdleMemoryLimit=1200MB', ...args]),
  scenarios: args => onServices('scenarios', [`--maxWorkers=${lanes}`, ...args]),
  browser,
}

function wanted(argv: readonly string[]): { chosen: readonly Step[]; rest: string[] } {
  const chosen = new Set<Step>()
  const rest: string[] = []
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--') continue
    if (argv[i] !== '--only') rest.push(argv[i]!)
    else chosen.add(argv[++i] as Step)
  }
  const unknown = [...chosen].filter(step => !steps.includes(step))
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(', ')}: give one of ${steps.join(', ')}`)
  return { chosen: chosen.size > 0 ? steps.filter(step => chosen.has(step)) : usual, rest }
}

async function main(): Promise<void> {
  const { chosen, rest } = wanted(process.argv.slice(2))
  const total: Total = { passed: 0, failed: 0 }
  const lines: string[] = []
  if (chosen.includes('scenarios') || chosen.includes('browser')) fetched().catch(() => {})
  for (const step of chosen) {
    if (interruption.signal.aborted) break
    const started = performance.now()
    const { passed, failed } = await work[step](rest).catch((error: Error) => {
      console.error(`${step}: ${error.message}`)
      return { passed: 0, failed: 1 }
    })
    total.passed += passed
    total.failed += failed
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    lines.push(
      `${step.padEnd(10)} ${`${passed} passed`.padStart(12)} ${`${failed} failed`.padStart(10)} ${seconds.padStart(6)} s`,
    )
  }
  console.log(`\n${lines.join('\n')}\n${total.passed} passed, ${total.failed} failed`)
  process.exitCode = interruption.signal.aborted ? 130 : total.failed > 0 ? 1 : 0
}

// Jest is told, so that it ends what it has started itself; nothing else is begun.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    child?.kill(signal)
    interruption.abort(new Error('interrupted'))
  })
main()
  .catch((error: Error) => {
    console.error(`test: ${error.message}`)
    process.exitCode = 1
  })
  .finally(() => {
    rmSync(scratch, { recursive: true, force: true })
    process.exit()
  })
