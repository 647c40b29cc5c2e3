import { writeFileSync } from 'node:fs'
import { apiReport, reportOf } from './api-report'
import { declare, plans } from './build'

/** `npm run api`: writes what the packages export, once a change to it is meant. */
async function main(): Promise<void> {
  await declare()
  for (const name of Object.keys(plans)) writeFileSync(reportOf(name), apiReport(name))
}

main().catch((error: Error) => {
  console.error(`api: ${error.message}`)
  process.exitCode = 1
})
