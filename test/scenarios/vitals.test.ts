import { createBroker } from '../../src/connectors/kafka/kafka-broker'
import { silentLog } from '../../src/log'
import { diagnose } from '../../src/vitals/diagnose'
import type { Application } from '../../src/vitals/model'
import { VitalsReader } from '../../src/vitals/reader'
import { until } from './kafka-stack'
import { World } from './world/world'

let world: World
let reader: VitalsReader
let broker: ReturnType<typeof createBroker>

beforeAll(async () => {
  world = await World.open()
  const brokers = world.stack.addresses.kafkaBrokers.split(',')
  broker = createBroker({
    brokers,
    ...{ application: 'reader-of-vitals', guarantee: 'at_least_once', sessionTimeoutMs: 10_000, replicationFactor: 1 },
  })
  reader = new VitalsReader({ broker, log: silentLog })
  await world.noteStart()
  await world.startWorker().working()
  await world.startWorker().working()
  await reader.start()
  world.startFleet({ sensors: 100, rate: 20 })
})
afterAll(async () => {
  await reader?.close()
  await broker?.close()
  await world.close()
})

const sensors = (): Application | undefined => reader.model.applications.find(({ name }) => name === 'sensors')
const here = () => sensors()?.workers.filter(({ presence }) => presence === 'here') ?? []
const found = () => diagnose(sensors()!, {}, Date.now())

/** Waits for what the vitals say, and says what they said instead. */
const told = (what: () => boolean, meaning: string) =>
  until(
    async () => sensors() !== undefined && what(),
    () => `${meaning}; the vitals say ${JSON.stringify({ ...(sensors() && found()), nodes: undefined })}`,
  )

test('two workers are seen at work, with every task and end', async () => {
  await told(() => here().length === 2 && here().every(({ tally }) => tally.state === 'running'), 'two workers')
  await told(() => (sensors()?.rate ?? 0) > 1_000, 'the rate of the fleet')
  expect(sensors()!.tasks.every(({ status }) => status === 'running')).toBe(true)
  await told(
    () => sensors()!.ends.every(({ records, ageMs }) => records > 0 && ageMs !== undefined),
    'records at every end',
  )
})

test('a stopped Postgres is named with what follows from it, and is green again', async () => {
  await world.stack.stopService('postgres')
  await told(() => found().findings.some(({ kind }) => kind === 'end-stopped'), 'an end that has stopped')
  const { chain } = found().findings.find(({ kind }) => kind === 'end-stopped')!
  expect(chain[0]).toMatch(/^Postgres has/)
  expect(chain).toContain('consuming paused')
  await world.stack.startService('postgres')
  await told(() => found().colour === 'green', 'that all is well again')
})

test("a killed worker's last words stay", async () => {
  const [killed] = world.workers
  killed?.kill('SIGKILL')
  await told(() => sensors()!.workers.some(({ presence }) => presence === 'lost'), 'a worker that is lost')
  const lost = sensors()!.workers.find(({ presence }) => presence === 'lost')!
  expect(lost.tally).toMatchObject({ state: 'running', application: 'sensors' })
  await told(() => sensors()!.tasks.every(({ status }) => status === 'running'), 'that the other has its tasks')
})
