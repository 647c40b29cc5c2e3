import { once } from 'node:events'
import { loadTopology } from '../../src/cli/shared/load-topology'

/**
 * `topology` of package.json, in a process that has loaded all of it when it says `loaded` to its parent, and joins once that answers: what a join
 * does to others, without what a start does to the machine.
 */
async function main(): Promise<void> {
  require('../../src/app/app')
  await loadTopology('topology/sensors.ts')
  const told = once(process, 'message')
  process.send?.('loaded')
  await told
  const alone = once(process, 'disconnect')
  process.disconnect()
  await alone
  require('../../src/cli/programs/topology')
}

main().catch((error: Error) => {
  console.error(error.stack)
  process.exitCode = 1
})
