import type { ServiceName } from '../../src/stack/stack'
import { until } from './kafka-stack'
import type { TopologyProcess } from './world/topology-process'
import { pause, World, wrongs } from './world/world'

jest.setTimeout(300_000)

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterEach(async () => {
  for (const name of ['kafka', 'registry', 'postgres', 'mqtt'] as const) await world.stack.startService(name)
  await world.clear()
})
afterAll(() => world.close())

/** The texts of what a worker has logged as a warning or worse. */
function warnings({ lines }: TopologyProcess, from = 0): string[] {
  return lines.slice(from).flatMap(line => {
    if (!line.startsWith('{')) return [line]
    const { level, msg } = JSON.parse(line) as { level: number; msg: string }
    return level >= 40 ? [msg] : []
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
    await worker.logged(said)
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

it('goes on by itself when a service comes back, and blames no reading', async () => {
  const { stack } = world
  const start = await world.noteStart()
  const worker = world.startWorker()
  await worker.working()
  const fleet = world.startFleet({ sensors: 200, rate: 10, durationMs: 60_000 })
  await until(() => fleet.counters.acknowledged > 10_000, 'readings')
  await until(async () => (await world.lag()) < 5_000, 'the readings to flow')
  for (const [name, said] of outages) {
    const from = worker.lines.length
    await stack.stopService(name, { signal: 'SIGKILL' })
    await pause(2_500)
    await stack.startService(name)
    await until(async () => (await world.lag()) < 5_000, `the readings to flow again after ${name} was away`)
    // One line, and of the service that went away; the registry is not asked for schemas that are known.
    const warned = warnings(worker, from)
    expect([name, warned.length, warned.every(line => said.test(line))]).toEqual([
      name,
      name === 'registry' ? 0 : 1,
      true,
    ])
  }
  const report = await fleet.stop()
  await world.settle()
  const found = await world.audit(start)
  expect(wrongs(found, report)).toEqual([])
  expect(found.deadLetters.found).toBe(0)
})
