import { spawnSync } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processOf, readState } from '../../../../src/stack/state'
import { until } from '../../../scenarios/kafka-stack'
import type { Slot } from '../crew/slot'
import { type Scene, START_MS } from '../scene'
import type { Kind } from './kind'
import { type Ask, administer, weirs } from './services'
import { copiesOf } from './state'

/** Kafka ends by itself soon after its only log can't be written to; where it goes on it is ended, ms. */
const KAFKA_LIMIT_MS = 30_000
/** A worker has its tasks, and no room for them, within, ms. */
const SAID_LIMIT_MS = 60_000

/** No file of the process may grow beyond: what is written answers EFBIG, as a full disk answers ENOSPC. */
function limit(pid: number, bytes: number | 'unlimited'): void {
  // The hard limit stays, so that it can be taken back.
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`prlimit of ${pid}: ${stderr}`)
}

/** Limits the backends of workers, once there are some; one that has gone meanwhile is none. @returns how many there were */
export async function limitBackends(ask: Ask, limitOne: (pid: number) => boolean, limitMs?: number): Promise<number> {
  const some = async () => ((await ask(weirs)) as number[]).filter(limitOne).length
  return until(some, 'a backend of a worker that could be limited', limitMs)
}

async function postgresLog(scene: Scene): Promise<string> {
  const noRoom = (pid: number) => spawnSync('prlimit', [`--pid=${pid}`, '--fsize=0:0']).status === 0
  const limited = await limitBackends(sql => administer(scene, sql), noRoom)
  await sleep(scene.random.whole(1_500, 3_000))
  return `Postgres: ${limited} backends`
}

async function kafkaLog({ options, random, stack }: Scene): Promise<string> {
  const kafka = () => processOf(readState(options.home).kafka)
  const { pid } = kafka() ?? {}
  if (pid === undefined) throw new Error('Kafka is not there')
  const bytes = random.pick([0, 65_536, 1_048_576])
  limit(pid, bytes)
  const isOver = await until(() => kafka() === undefined, 'the end of Kafka', KAFKA_LIMIT_MS).then(
    () => true,
    () => false,
  )
  await stack.stopService('kafka', { signal: 'SIGKILL' })
  await sleep(random.whole(0, 2_000))
  await stack.startService('kafka')
  return `Kafka: no file beyond ${bytes} bytes, ${isOver ? 'ended by itself' : 'ended by SIGKILL'}`
}

const cannotWrite = /disk does not answer: .* can't be written to/

/** Who has no room for its state waits, says so, and goes on by itself. One that begins without state needs room for all of it. */
async function workerState({ crew, random }: Scene): Promise<string> {
  const slot = random.pick(crew.filter(({ isOnDisk }) => isOnDisk))
  slot.kill()
  await slot.worker?.exited
  rmSync(slot.stateDir, { recursive: true, force: true })
  const bytes = random.pick([16_384, 65_536, 400_000])
  const worker = slot.start()
  const within = async (most: number, act: () => Promise<unknown>) => {
    limit(worker.pid, most)
    try {
      await act()
    } finally {
      if (worker.running) limit(worker.pid, 'unlimited')
    }
  }
  await worker.logged(/"topology /, 1, START_MS)
  await within(bytes, async () => {
    await worker.logged(cannotWrite, 1, SAID_LIMIT_MS)
    await sleep(random.whole(500, 6_000))
  })
  await worker.working(1, START_MS)
  // With a full one under way, too: what it has room for goes on, and the rest waits.
  await within(largest(slot), () => sleep(random.whole(1_000, 4_000)))
  const said = worker.lines.filter(line => cannotWrite.test(line)).length
  return `state of ${slot.name}, no file beyond ${bytes} bytes as it began: said ${said} times`
}

const largest = (slot: Slot) => Math.max(...copiesOf(slot).map(file => statSync(file).size))

export const diskFull: Kind = {
  id: 'F17',
  title: "no room for Postgres's log, Kafka's log or a worker's state (RLIMIT_FSIZE)",
  async strike(scene) {
    const places = [postgresLog, workerState, ...(scene.options.light ? [] : [kafkaLog])]
    return { what: await scene.random.pick(places)(scene) }
  },
}
