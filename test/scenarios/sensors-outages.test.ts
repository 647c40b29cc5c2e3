import type { ServiceName } from '../../src/stack/stack'
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

it('waits at the start for each service, and says so once', async () => {
  const { stack } = world
  const start = await world.noteStart()
  const services: [ServiceName, RegExp][] = [
    ['registry', /registry/],
    ['kafka', /Kafka/],
    ['postgres', /Postgres/],
    ['mqtt', /MQTT/],
  ]
  const worker = (await Promise.all(services.map(([name]) => stack.stopService(name)))) && world.startWorker()
  for (const [name, said] of services) {
    await worker.logged(said)
    await pause(1_500)
    expect(worker.running).toBe(true)
    await stack.startService(name)
  }
  await worker.working()
  process.stdout.write(worker.lines.join('\n') + '\n')
  expect(warnings(worker).map(line => services.find(([, said]) => said.test(line))?.[0])).toEqual(
    services.map(([name]) => name),
  )
  const report = await world.startFleet({ sensors: 200, rate: 'max', count: 10_000 }).done
  await world.settle()
  expect(wrongs(await world.audit(start), report)).toEqual([])
})

it('goes on by itself when a service comes back, and blames no reading', async () => {
  const { stack } = world
  const start = await world.noteStart()
  const subscriber = await world.subscribe()
  const worker = world.startWorker()
  await worker.working()
  const fleet = world.startFleet({ sensors: 200, rate: 10, durationMs: 60_000 })
  await pause(1_000)
  for (const [name, signal] of [
    ['postgres', 'SIGKILL'],
    ['kafka', 'SIGKILL'],
    ['registry', 'SIGKILL'],
  ] as const) {
    const from = worker.lines.length
    await stack.stopService(name, { signal })
    await pause(2_500)
    await stack.startService(name)
    await pause(4_000)
    process.stdout.write(`${name}\n${worker.lines.slice(from).join('\n')}\n`)
  }
  const report = await fleet.stop()
  await world.settle()
  const found = await world.audit(start)
  expect(wrongs(found, report)).toEqual([])
  expect(found.deadLetters.found).toBe(0)
  expect(subscriber.compare(await world.logs(start)).missing).toBe(0)
})
