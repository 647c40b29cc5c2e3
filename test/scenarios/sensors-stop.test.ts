import type { RawSubscriber } from './world/raw-subscriber'
import type { TopologyProcess } from './world/topology-process'
import { pause, World, wrongs } from './world/world'

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterEach(() => world.clear())
afterAll(() => world.close())

/** So often a machine may stall for longer than a session: that workers come by readings again then is no fault of a stop. */
const MOST_STALLS = 2

interface Handed {
  readonly found: ReturnType<RawSubscriber['compare']>
  readonly workers: readonly TopologyProcess[]
}

/** Nothing comes twice, unless a worker has warned: of a session that is over, or of a broker that didn't answer in time. */
async function nothingTwice(hand: () => Promise<Handed>): Promise<void> {
  for (let stalls = 0; ; stalls++) {
    const { found, workers } = await hand()
    if (found.missing === 0 && found.duplicates === 0) return
    const said = workers.flatMap(({ lines }, i) => lines.map(line => `worker ${i + 1}: ${line}`)).join('\n')
    const hasWarned = /"level":(40|50)/.test(said)
    if (found.missing > 0 || !hasWarned || stalls === MOST_STALLS) throw new Error(`${JSON.stringify(found)}\n${said}`)
    console.log(`${found.duplicates} messages twice, after a stall:\n${said}`)
    await world.clear()
  }
}

describe('SIGTERM', () => {
  it('drains, commits and leaves: nothing comes twice, not even at MQTT', () =>
    nothingTwice(async () => {
      const start = await world.noteStart()
      const subscriber = await world.subscribe()
      const fleet = world.startFleet({ sensors: 200, rate: 20, count: 48_000 })
      const workers: TopologyProcess[] = []
      const codes: (number | null)[] = []
      for (let i = 0; i < 3; i++) {
        const worker = world.startWorker()
        workers.push(worker)
        await worker.working()
        await pause(1_000)
        codes.push((await worker.stop()).code)
      }
      workers.push(world.startWorker())
      const report = await fleet.done
      await world.settle()
      // After 5 s it would have given up, with another code.
      expect(codes).toEqual([0, 0, 0])
      expect(wrongs(await world.audit(start), report)).toEqual([])
      return { found: subscriber.compare(await world.logs(start)), workers }
    }))

  it('hands over from worker to worker without a reading twice', () =>
    nothingTwice(async () => {
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
      return { found: subscriber.compare(await world.logs(start)), workers: [first, second] }
    }))
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
    await other.logged(/generation \d+: tasks/, before[1] + 1)
    await pause(2_000)
    expect(generations(other)).toBe(before[1] + 1)
    zombie.kill('SIGCONT')
    await zombie.logged(/generation \d+: tasks/, before[0] + 1)
    await zombie.logged(withTasks, before[2] + 1)
    const report = await fleet.done
    await world.settle()
    const found = await world.audit(start)
    expect(wrongs(found, report)).toEqual([])
    expect(found.rows.twice.count).toBe(0)
    expect(subscriber.compare(await world.logs(start)).missing).toBe(0)
  })
})
