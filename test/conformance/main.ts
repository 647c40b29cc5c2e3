import { parseArgs } from 'node:util'
import { type Case, loadCases, ownCases } from './case'
import { check } from './run-case'

/** `npm run conformance -- [--cases FOLDER] [--family NAME] [--crash]` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string' },
      family: { type: 'string', multiple: true },
      crash: { type: 'boolean', default: false },
    },
  })
  const folders = values.cases === undefined ? ownCases : [values.cases]
  const families = loadCases(folders)
  const wanted = values.family ?? [...families.keys()]
  const total = { passed: 0, failed: 0 }
  for (const family of wanted) {
    const cases = families.get(family)
    if (cases === undefined)
      throw new Error(`no family "${family}" in ${folders.join(', ')}; there are ${[...families.keys()].join(', ')}`)
    const result = await runFamily(cases, values.crash)
    const supplied = cases.filter(each => each.isSupplied).length
    const note = supplied === 0 ? '' : ` (${supplied} compared with loss-free outputs that the folder lacks)`
    console.log(`${family}: ${result.passed} passed, ${result.failed} failed${note}`)
    total.passed += result.passed
    total.failed += result.failed
  }
  console.log(`${total.passed} passed, ${total.failed} failed`)
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
}

async function runFamily(cases: readonly Case[], crash: boolean) {
  let failed = 0
  for (const each of cases) {
    const failure = await check(each, { crash })
    if (failure === undefined) continue
    failed++
    console.log(failure)
  }
  return { passed: cases.length - failed, failed }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
})
