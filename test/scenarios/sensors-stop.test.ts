import type { TopologyProcess } from './world/topology-process'
import { pause, World, wrongs } from './world/world'

jest.setTimeout(300_000)

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterEach(() => world.clear())
afterAll(() => world.close())

describe('SIGTERM', () => {
  it('drains, commits and leaves: nothing comes twice, not even at MQTT', async () => {
    const start = await world.noteStart()
    const subscriber = await world.subscribe()
    const fleet = world.startFleet({ sensors: 200, rate: 20, count: 48_000 })
    const codes: (number | null)[] = []
    for (let i = 0; i < 3; i++) {
      const worker = world.startWorker()
      await worker.working()
      await pause(1_000)
      codes.push((await worker.stop()).code)
    }
    world.startWorker()
    const report = await fleet.done
    await world.settle()
    // After 5 s it would have given up, with another code.
    expect(codes).toEqual([0, 0, 0])
    expect(wrongs(await world.audit(start), report)).toEqual([])
    expect(subscriber.compare(await world.logs(start))).toEqual({ missing: 0, duplicates: 0 })
  })

  it('hands over from worker to worker without a reading twice', async () => {
    const start = await world.noteStart()
    const subscriber = await world.subscribe()
    const first = world.startWorker()
    await first.working()
    const fleet = world.startFleet({ sensors: 200, rate: 20, count: 48_000 })
    await pause(1_500)
    const second = world.startWorker()
    await second.working()
    await pause(1_500)
    const { code } = await first.stop()
    await second.working(2)
    const report = await fleet.done
    await world.settle()
    expect(code).toBe(0)
    expect(wrongs(await world.audit(start), report)).toEqual([])
    expect(subscriber.compare(await world.logs(start))).toEqual({ missing: 0, duplicates: 0 })
  })
})

describe('a worker that was thought dead', () => {
  it('is fenced when it wakes, stores nothing, and joins again by itself', async () => {
    const start = await world.noteStart()
    const subscriber = await world.subscribe()
    const [zombie, other] = [world.startWorker(), world.startWorker()]
    await Promise.all([zombie.working(), other.working()])
    const fleet = world.startFleet({ sensors: 200, rate: 20, count: 100_000 })
    await pause(2_000)
    const generations = ({ lines }: TopologyProcess, what = /generation \d+: tasks/) =>
      lines.filter(line => what.test(line)).length
    const withTasks = /generation \d+: tasks \d/
    const before = [generations(zombie), generations(other), generations(zombie, withTasks)] as const
    zombie.kill('SIGSTOP')
    // The other takes its tasks over when the session is over, and works on for a while.
    await other.logged(/generation \d+: tasks/, before[1] + 1, 30_000)
    await pause(2_000)
    expect(generations(other)).toBe(before[1] + 1)
    zombie.kill('SIGCONT')
    await zombie.logged(/generation \d+: tasks/, before[0] + 1, 20_000)
    await zombie.logged(withTasks, before[2] + 1, 20_000)
    const report = await fleet.done
    await world.settle()
    const found = await world.audit(start)
    expect(wrongs(found, report)).toEqual([])
    expect(found.rows.twice.count).toBe(0)
    expect(subscriber.compare(await world.logs(start)).missing).toBe(0)
  })
})
