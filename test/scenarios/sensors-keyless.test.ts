import { subjects } from '../../schemas/subjects'
import { ConfluentRegistry } from '../../src/codecs/schema-registry'
import { ensureTopics } from '../../src/connectors/kafka'
import { registerSchemas } from '../../src/ops/schemas'
import type { Window } from '../../src/sensors/audit/oracle'
import { topicWindows } from '../../src/sensors/audit/read-rollups'
import { endsOf } from '../../src/sensors/audit/run-start'
import { sensorsJob } from '../../src/sensors/audit/sensors-job'
import type { FleetOptions } from '../../src/sensors/simulator/fleet-options'
import { until } from './kafka-stack'
import { moments } from './world/random'
import { TopologyProcess } from './world/topology-process'
import { twinTopic } from './world/twin-sensors'
import { World } from './world/world'

const liveMs = Number(process.env.WEIR_KEYLESS_LIVE_MS ?? 25_000)
const backlogMs = Number(process.env.WEIR_KEYLESS_BACKLOG_MS ?? 45_000)
const sensors = Number(process.env.WEIR_KEYLESS_SENSORS ?? 40)

jest.setTimeout(300_000 + 2 * (liveMs + backlogMs))

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterEach(() => world.clear())
afterAll(() => world.close())

/** Readings twice, and out of order within the grace; none late, since what is late is a matter of each log. */
const unruly = { duplicates: 0.02, outOfOrder: 0.05 }

type Way = Pick<FleetOptions, 'keyed' | 'json'>

/** The same fleet and the same topology, on topics of their own. */
class Twin {
  constructor(
    readonly name: string,
    private readonly way: Way,
  ) {}

  /** Its topics, and the subjects of what it writes. */
  async prepare(): Promise<void> {
    const topic = twinTopic(sensorsJob.topic, this.name)
    await ensureTopics(world.cluster, [{ topic, partitions: 10 }])
    const own = subjects.map(({ subject, schema }) => ({
      subject: `${twinTopic(subject.replace(/-value$/, ''), this.name)}-value`,
      schema,
    }))
    await registerSchemas(new ConfluentRegistry({ url: world.stack.addresses.registryUrl }), own)
  }

  startFleet(options: Partial<FleetOptions>) {
    return world.startFleet({
      sensors,
      rate: 10,
      ...unruly,
      ...options,
      ...this.way,
      topic: twinTopic(sensorsJob.topic, this.name),
    })
  }

  async startWorker(): Promise<void> {
    const worker = new TopologyProcess({ ...world.environment, WEIR_TWIN: this.name }, [
      'test/scenarios/world/twin-sensors.ts',
    ])
    world.workers.push(worker)
    await worker.logged(/generation \d+: tasks/)
  }

  /** All windows of one rollup once they hold so many records, in order. */
  async windows(table: string, records: number): Promise<Window[]> {
    const topic = twinTopic(table, this.name)
    let found: Window[] = []
    const counted = () => found.reduce((sum, { count }) => sum + count, 0)
    const read = async () => {
      const ends = await endsOf(world.cluster, topic, 10)
      const parts = ends.map((end, partition) => topicWindows(world.ends, { topic } as never, partition, 0, end))
      found = (await Promise.all(parts)).flat()
      return counted() >= records
    }
    await until(read, () => `the windows of ${topic} to hold ${records} records; they hold ${counted()}`)
    return found.sort((a, b) => a.start - b.start || a.sensor - b.sensor)
  }
}

const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-12 * Math.abs(a)

/** Compares every window of two twins; says what differs. */
async function differences(keyed: Twin, keyless: Twin, records: number): Promise<string[]> {
  const found: string[] = []
  for (const { name, topic } of sensorsJob.rollups) {
    const [left, right] = await Promise.all([keyed.windows(topic, records), keyless.windows(topic, records)])
    let furthest = 0
    if (left.length !== right.length) found.push(`${name}: ${left.length} windows and ${right.length}`)
    for (const [i, a] of left.entries()) {
      const b = right[i]
      const same = (field: keyof Window) => a[field] === b?.[field]
      const isSame = b && (['sensor', 'start', 'end', 'count', 'min', 'max'] as const).every(same)
      if (!(isSame && isClose(a.sum, b.sum) && isClose(a.mean, b.mean)))
        found.push(`${name}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`)
      if (b) furthest = Math.max(furthest, Math.abs(a.sum - b.sum) / a.sum, Math.abs(a.mean - b.mean) / a.mean)
    }
    console.log(`${name}: ${left.length} windows of ${records} records, sums and means within ${furthest}`)
  }
  return found
}

it('gives a keyless JSON fleet the windows of a keyed Avro one, live', async () => {
  const { seed } = moments('keyless, live')
  const [keyed, keyless] = [new Twin('keyed', {}), new Twin('keyless', { json: true, keyed: false })]
  await Promise.all([keyed.prepare(), keyless.prepare()])
  await Promise.all([keyed.startWorker(), keyless.startWorker()])
  const startMs = Date.now() + 3_000
  const fleets = [keyed, keyless].map(twin => twin.startFleet({ seed, startMs, durationMs: liveMs }))
  const [first, second] = await Promise.all(fleets.map(fleet => fleet.done))
  expect(first!.acknowledged).toBe(second!.acknowledged)
  expect((await differences(keyed, keyless, first!.acknowledged)).slice(0, 5)).toEqual([])
})

it('gives them from a backlog too', async () => {
  const { seed } = moments('keyless, backlog')
  const [keyed, keyless] = [new Twin('keyed-late', {}), new Twin('keyless-late', { json: true, keyed: false })]
  await Promise.all([keyed.prepare(), keyless.prepare()])
  // It ends with a minute, so that the last windows need not be waited for.
  const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 2_000 - backlogMs
  const first = await keyed.startFleet({ seed, startMs, durationMs: backlogMs }).done
  const second = await keyless.startFleet({ seed, startMs, durationMs: backlogMs }).done
  expect(first.acknowledged).toBe(second.acknowledged)
  await Promise.all([keyed.startWorker(), keyless.startWorker()])
  expect((await differences(keyed, keyless, first.acknowledged)).slice(0, 5)).toEqual([])
})
