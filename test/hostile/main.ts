import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { createCluster } from '../../src/connectors/kafka'
import { resetStack, startStack } from '../../src/stack/stack'
import type { Hostile, Row } from './case'
import { cases } from './cases'
import { Scene, type Services } from './scene'

/**
 * `npm run hostile [-- --only A3,B] [--quick] [--kills] [--lanes 4]`: each input on the real services, and a row of what came in, what came out and
 * the verdict. `--only` takes cases, numbers and letters (`B5a`, `B5`, `B`); `--kills` runs two workers of each case and kills one at random every few
 * seconds. `--lanes` says how many cases run side by side. The last line is `N passed, N failed`, and the exit code is 1 when anything was wrong.
 */
async function main(): Promise<void> {
  const values = optionsOf(process.argv.slice(2))
  const only = values.only?.split(',')
  const wanted = cases.filter(
    ({ id, isQuick }) => (!values.quick || isQuick) && (only === undefined || only.some(each => isPartOf(each, id))),
  )
  if (wanted.length === 0)
    throw new WrongOption(`no case ${values.only}; there are ${cases.map(({ id }) => id).join(', ')}`)
  const home = mkdtempSync(join(tmpdir(), 'weir-hostile-'))
  const ports = { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }
  const stack = await startStack({ home, ports, attached: true })
  const brokers = stack.addresses.kafkaBrokers.split(',')
  const cluster = createCluster({ brokers, clientId: 'hostile' })
  const kafka = new Kafka({ brokers, clientId: 'hostile', logLevel: logLevel.NOTHING })
  let [passed, failed] = [0, 0]
  const left = [...wanted]
  const lane = async () => {
    for (let each = left.shift(); each !== undefined; each = left.shift())
      for (const { isRight } of await verdict(each, { stack, cluster, kafka }, values.kills))
        isRight ? passed++ : failed++
  }
  try {
    await Promise.all(Array.from({ length: Number(values.lanes) }, lane))
  } finally {
    await cluster.disconnect()
    await resetStack(home)
    rmSync(home, { recursive: true, force: true })
  }
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}

class WrongOption extends Error {}

function optionsOf(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        kills: { type: 'boolean', default: false },
        lanes: { type: 'string', default: '1' },
      },
    })
    if (!/^[1-9]\d?$/.test(values.lanes)) throw new Error(`--lanes ${values.lanes}: give a number from 1 to 99`)
    return values
  } catch (error) {
    throw new WrongOption((error as Error).message)
  }
}

/** `A` and `A6` name A6a; `A1` doesn't name A16. */
const isPartOf = (name: string, id: string) =>
  id.startsWith(name) && (/^[A-Z]+$/.test(name) || !/^\d/.test(id.slice(name.length)))

/** Whatever comes in, a worker has no more than this. */
const mostBytes = 512 * 1024 * 1024

/** Runs one case and prints its rows. */
async function verdict(hostile: Hostile, services: Services, kills: boolean): Promise<readonly Row[]> {
  const scene = new Scene(hostile, services, `h${hostile.id.toLowerCase()}-${Date.now().toString(36)}`)
  const over = new AbortController()
  const started = performance.now()
  let rows: readonly Row[] = []
  try {
    await scene.open()
    scene.startWorker()
    if (kills) scene.startWorker()
    const killing = kills ? kill(scene, over.signal) : undefined
    const out = await hostile.run(scene)
    rows = typeof out === 'string' ? [{ came: hostile.came, out, isRight: true }] : out
    if (scene.peakBytes > mostBytes)
      rows = [...rows, { came: hostile.came, out: `a worker had more than ${mostBytes >> 20} MB`, isRight: false }]
    over.abort()
    await killing
  } catch (error) {
    rows = [{ came: hostile.came, out: (error as Error).message, isRight: false }]
  } finally {
    over.abort()
    await scene.close()
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const memory = `${Math.round(scene.peakBytes / 1024 / 1024)} MB`
  for (const [i, { came, out, isRight }] of rows.entries()) {
    const id = rows.length > 1 ? `${hostile.id}.${i + 1}` : hostile.id
    console.log(
      `${id.padEnd(6)} ${isRight ? 'right' : 'WRONG'} ${seconds.padStart(6)} s ${memory.padStart(7)}  ${came}\n       → ${out}`,
    )
  }
  return rows
}

/** Some more than a case needs, and an end: what takes longer than the time between two kills has to come to its own. */
const mostKills = 8

/** Kills workers that have something to lose: one that a slow machine has not even started yet would never come to its work. */
async function kill(scene: Scene, over: AbortSignal): Promise<void> {
  for (let i = 0; i < mostKills && !over.aborted; i++) {
    const workers = scene.assigned
    await sleep(1_500 + Math.random() * 3_000, undefined, { signal: over }).catch(() => undefined)
    while (!over.aborted && scene.assigned === workers && i > 0)
      await sleep(100, undefined, { signal: over }).catch(() => undefined)
    if (!over.aborted) await scene.replaceWorker()
  }
}

main().catch((error: Error) => {
  const isWrongOption = error instanceof WrongOption
  const usage = 'npm run hostile [-- --only A3,B] [--quick] [--kills] [--lanes N]'
  console.error(isWrongOption ? `${error.message}\n${usage}` : `hostile: ${error.stack}`)
  process.exitCode = isWrongOption ? 2 : 1
})
