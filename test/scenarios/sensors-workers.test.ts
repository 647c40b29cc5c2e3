import { moments } from './world/random'
import { pause, World, wrongs } from './world/world'

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterEach(() => world.clear())
afterAll(() => world.close())

const unruly = { late: 0.02, lateByMs: 30_000, duplicates: 0.02, outOfOrder: 0.05 }

it('goes on with one of two workers killed, Postgres and the MQTT broker restarted', async () => {
  const { seed, between } = moments('two workers')
  const { stack } = world
  const start = await world.noteStart()
  const subscriber = await world.subscribe()
  const workers = [world.startWorker(), world.startWorker()] as const
  await Promise.all(workers.map(worker => worker.working()))
  const fleet = world.startFleet({ sensors: 200, rate: 20, count: 120_000, seed, ...unruly })

  await pause(between(1_000, 3_000))
  workers[0].kill('SIGKILL')
  await pause(between(500, 2_000))
  await stack.restart('postgres', { signal: 'SIGQUIT' })
  await workers[1].working(2)
  const third = world.startWorker()
  await third.working()

  await pause(between(500, 2_000))
  await stack.stopService('mqtt')
  await pause(between(500, 1_500))
  // What is published at QoS 0 while nobody listens is nobody's loss: the subscriber is let in first.
  for (const worker of [workers[1], third]) worker.kill('SIGSTOP')
  const known = subscriber.subscribed
  await stack.startService('mqtt')
  await subscriber.ready(known + 1)
  for (const worker of [workers[1], third]) worker.kill('SIGCONT')

  const report = await fleet.done
  await world.settle()
  const found = await world.audit(start)
  expect(wrongs(found, report)).toEqual([])
  expect(found.distinctRows).toBe(report.acknowledged)
  expect(found.deadLetters.found).toBe(0)
  expect(subscriber.compare(await world.logs(start)).missing).toBe(0)
})
