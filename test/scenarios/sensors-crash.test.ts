import { sensorsJob } from '../../src/sensors/audit/sensors-job'
import { moments } from './world/random'
import { pause, World, wrongs } from './world/world'

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterEach(() => world.clear())
afterAll(() => world.close())

/** What a fleet does that gives a topology something to do. */
const unruly = { late: 0.02, lateByMs: 30_000, duplicates: 0.02, outOfOrder: 0.05 }

const [count, perSecond] = [200_000, 4_500]
const { graceMs } = sensorsJob
/** When windows of a minute close next, ms of event time. */
const nextClose = (ms: number) => Math.ceil((ms - graceMs) / 60_000) * 60_000 + graceMs

it('loses nothing and stores nothing twice while it is killed five times', async () => {
  const { seed, between } = moments('kills')
  const start = await world.noteStart()
  const subscriber = await world.subscribe()
  let worker = world.startWorker()
  await worker.working()
  const fleet = world.startFleet({ sensors: 200, rate: perSecond / 200, count, seed, ...unruly })
  for (let kill = 1; kill <= 5; kill++) {
    await pause(between(200, 2_500))
    worker.kill('SIGKILL')
    await worker.exited
    worker = world.startWorker()
    await worker.working()
  }
  const report = await fleet.done
  // Long enough for the idle clock to close the windows of 10 s, and those of a minute where none closes within the run.
  const lastMs = report.lastEventTime! / 1000
  const firstMs = lastMs - (count / perSecond) * 1000
  // The first one that closes may have ended before the first reading.
  const lacks = nextClose(firstMs + graceMs) <= lastMs ? 0 : nextClose(lastMs) - lastMs
  await pause(Math.max(16_000, lacks + 5_000))
  await world.settle()
  const found = await world.audit(start)
  expect(wrongs(found, report)).toEqual([])
  expect(found.distinctRows).toBe(report.acknowledged)
  expect(report.readings).toBe(count)
  expect(found.rollups.map(({ expected, late, open }) => [expected > 0, late > 0, open >= 0])).toEqual([
    [true, true, true],
    [true, true, true],
  ])
  expect(subscriber.compare(await world.logs(start)).missing).toBe(0)
})
