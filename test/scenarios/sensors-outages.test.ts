import type { ServiceName } from '../../src/stack/stack'
import { until } from './kafka-stack'
import type { TopologyProcess } from './world/topology-process'
import { pause, World, wrongs } from './world/world'

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterEach(async () => {
  for (const name of ['kafka', 'registry', 'postgres', 'mqtt'] as const) await world.stack.startService(name)
  await world.clear()
})
afterAll(() => world.close())

/** Of the readings that a fleet sends late on purpose there is a line once a minute, which is about no outage. */
const isLate = (line: string) => line.includes('records came too late for')

/** The texts of what a worker has logged as a warning or worse. */
function warnings({ lines }: TopologyProcess, from = 0): string[] {
  return lines.slice(from).flatMap(line => {
    if (!line.startsWith('{')) return [line]
    const { level, msg } = JSON.parse(line) as { level: number; msg: string }
    return level >= 40 && !isLate(msg) ? [msg] : []
  })
}

/** In the order in which a worker needs them. */
const outages: [ServiceName, RegExp][] = [
  ['kafka', /Kafka/],
  ['registry', /registry/],
  ['mqtt', /MQTT/],
  ['postgres', /Postgres/],
]

it('waits at the start for each service, and says so once', async () => {
  const { stack } = world
  const start = await world.noteStart()
  await Promise.all(outages.map(([name]) => stack.stopService(name)))
  const worker = world.startWorker()
  for (const [name, said] of outages) {
    // The first line of a start names all services: only a warning is about an outage.
    await worker.logged(new RegExp(`"level":40.*${said.source}`))
    await pause(1_500)
    expect(worker.running).toBe(true)
    await stack.startService(name)
  }
  await worker.working()
  expect(warnings(worker).map(line => outages.find(([, said]) => said.test(line))?.[0])).toEqual(
    outages.map(([name]) => name),
  )
  const report = await world.startFleet({ sensors: 200, rate: 'max', count: 10_000 }).done
  await world.settle()
  expect(wrongs(await world.audit(start), report)).toEqual([])
})

async function healthOf(worker: TopologyProcess): Promise<{ status: number; reason: string | undefined }> {
  const response = await fetch(`${worker.metricsUrl}/health`)
  const { reason } = (await response.json()) as { reason?: string }
  return { status: response.status, reason }
}

it('goes on by itself when a service comes back, is red meanwhile, and blames no reading', async () => {
  const { stack } = world
  const start = await world.noteStart()
  const worker = world.startWorker({ METRICS_PORT: '0', HEALTH_STALLED_MS: '4000' })
  await worker.working()
  const fleet = world.startFleet({ sensors: 200, rate: 10, late: 0.01, lateByMs: 60_000 })
  const flowing = async () => fleet.counters.acknowledged > 10_000 && (await world.lag()) < 5_000
  await until(flowing, 'the readings to flow')
  for (const [name, said] of outages) {
    const from = worker.lines.length
    await stack.stopService(name, { signal: 'SIGKILL' })
    if (name === 'registry') {
      // It is asked for schemas that were not met before only; what is known flows on.
      await pause(3_000)
      expect(warnings(worker, from).filter(line => !said.test(line))).toEqual([])
    } else {
      const reason = await until(async () => (await healthOf(worker)).reason, `health to be red without ${name}`)
      const warned = warnings(worker, from)
      expect(warned).toEqual([expect.stringMatching(said)])
      expect(`${warned} ${reason}`).toMatch(said)
    }
    await stack.startService(name)
    const isGreen = async () => (await healthOf(worker)).status === 200
    await until(isGreen, `health to be green after ${name} was away`)
    await until(flowing, `the readings to flow again after ${name} was away`)
  }
  const metrics = await (await fetch(`${worker.metricsUrl}/metrics`)).text()
  const report = await fleet.stop()
  await world.settle()
  const found = await world.audit(start)
  expect(wrongs(found, report)).toEqual([])
  expect(found.deadLetters.found).toBe(0)
  const value = (name: string) =>
    [...metrics.matchAll(new RegExp(`^${name}(?:{.*})? (\\S+)$`, 'gm'))].reduce(
      (sum, match) => sum + Number(match[1]),
      0,
    )
  expect(value('weir_records_processed_total')).toBeGreaterThan(10_000)
  expect(value('weir_rollbacks_total')).toBeGreaterThanOrEqual(3)
  expect(value('weir_commit_seconds_count')).toBeGreaterThan(0)
  expect(value('weir_windows_closed_total')).toBeGreaterThan(0)
  expect(value('weir_late_records_total')).toBeGreaterThan(0)
  expect(value('weir_up')).toBe(1)
})

it('shares its tasks with a worker that joins while the MQTT broker is away', async () => {
  const { stack } = world
  const start = await world.noteStart()
  const first = world.startWorker()
  await first.working()
  const fleet = world.startFleet({ sensors: 200, rate: 10 })
  await until(() => fleet.counters.acknowledged > 4_000, 'the readings to flow')
  await stack.stopService('mqtt', { signal: 'SIGKILL' })
  await first.logged(/MQTT/)
  const second = world.startWorker()
  // Each has a part of the tasks before the broker is back; what the first still held of the others' is the second's now.
  await second.logged(/generation \d+: tasks \d/)
  await first.logged(/generation \d+: tasks \d/, 2)
  await stack.startService('mqtt')
  const report = await fleet.stop()
  await world.settle()
  expect(wrongs(await world.audit(start), report)).toEqual([])
})
