import { parseArgs } from 'node:util'
import { runBeside } from './beside/beside'
import { BrokerRunner, hasNoClock } from './broker'
import { type Case, loadCases, type Output, ownCases } from './case'
import { check, outputsOf } from './run-case'

/**
 * `npm run conformance -- [--cases FOLDER] [--family NAME] [--crash | --broker]`, or
 * `npm run conformance -- --beside [--topologies N] [--seed S] [--kills] [--only NAME] [--results FOLDER]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string' },
      family: { type: 'string', multiple: true },
      crash: { type: 'boolean', default: false },
      broker: { type: 'boolean', default: false },
      beside: { type: 'boolean', default: false },
      topologies: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      kills: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      results: { type: 'string' },
    },
  })
  if (values.beside) {
    const [topologies, seed] = [whole('topologies', values.topologies), whole('seed', values.seed)]
    const { kills, only, results } = values
    const isEqual = await runBeside({ topologies, seed, kills, ...(only && { only }), ...(results && { results }) })
    process.exitCode = isEqual ? 0 : 1
    return
  }
  const folders = values.cases === undefined ? ownCases : [values.cases]
  const families = loadCases(folders)
  for (const family of values.family ?? [])
    if (!families.has(family))
      throw new Error(`no family "${family}" in ${folders.join(', ')}; there are ${[...families.keys()].join(', ')}`)
  const wanted = [...families].filter(([family]) => values.family?.includes(family) ?? true)
  if (!values.broker) return report(await runAll(wanted, each => outputsOf(each, { crash: values.crash })))
  const runner = await BrokerRunner.start()
  try {
    const onBroker = wanted.map(([family, cases]) => [family, cases.filter(hasNoClock).slice(0, 1)] as const)
    report(await runAll(onBroker, each => runner.outputsOf(each)))
  } finally {
    await runner.stop()
  }
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`--${name} is a whole number from 1 to 999999, and not "${text}"`)
  return Number(text)
}

interface Total {
  readonly passed: number
  readonly failed: number
}

async function runAll(
  families: Iterable<readonly [string, readonly Case[]]>,
  run: (each: Case) => Promise<Output[]>,
): Promise<Total> {
  const total = { passed: 0, failed: 0 }
  for (const [family, cases] of families) {
    let failed = 0
    for (const each of cases) {
      const failure = await check(each, run)
      if (failure === undefined) continue
      failed++
      console.log(failure)
    }
    const supplied = cases.filter(each => each.isSupplied).length
    if (cases.length === 0) {
      console.log(`${family}: no case without clock steps`)
      continue
    }
    const note = supplied === 0 ? '' : ` (${supplied} compared with loss-free outputs that the folder lacks)`
    console.log(`${family}: ${cases.length - failed} passed, ${failed} failed${note}`)
    total.passed += cases.length - failed
    total.failed += failed
  }
  return total
}

function report({ passed, failed }: Total): void {
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
})
