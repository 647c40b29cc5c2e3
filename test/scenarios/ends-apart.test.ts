import { Client } from 'pg'
import { readState } from '../../src/stack/state'
import { until } from './kafka-stack'
import { laneHome } from './services'
import { pause, World, wrongs } from './world/world'

let world: World
let db: Client
beforeAll(async () => {
  world = await World.open()
})
afterEach(async () => {
  for (const name of ['postgres', 'mqtt'] as const) await world.stack.startService(name)
  await world.clear()
})
afterAll(() => world.close())

/** A worker at work on a fleet of 2,000 readings/s, of which the buffer takes more than a minute. */
async function flowing() {
  const start = await world.noteStart()
  const worker = world.startWorker({ METRICS_PORT: '0' })
  await worker.working()
  const fleet = world.startFleet({ sensors: 200, rate: 10 })
  const isFlowing = async () => fleet.counters.acknowledged - (await world.lag()) > 4_000
  await until(isFlowing, 'the readings to flow')
  const audited = async () => {
    const report = await fleet.stop()
    await world.settle()
    return wrongs(await world.audit(start), report)
  }
  return { worker, fleet, audited }
}

/** Rows of readings, by a connection of its own. */
async function rows(): Promise<number> {
  db = new Client({ connectionString: world.stack.addresses.databaseUrl })
  await db.connect()
  try {
    const answer = await db.query('SELECT count(*)::int AS n FROM sensor_data')
    return answer.rows[0].n
  } finally {
    await db.end()
  }
}

const moreRows = async (count: number) => {
  const before = await rows()
  await until(async () => (await rows()) > before + count, `${count} more rows`)
}

it('has rows in Postgres while the MQTT broker is down, and nothing twice once it is back', async () => {
  const { worker, audited } = await flowing()
  await world.stack.stopService('mqtt', { signal: 'SIGKILL' })
  await worker.logged(/"level":40.*MQTT/)
  await moreRows(10_000)
  // Kafka's offsets wait for the broker.
  expect(await world.lag()).toBeGreaterThan(10_000)
  const ready = await fetch(`${worker.metricsUrl}/ready`)
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('MQTT')])
  await world.stack.startService('mqtt')
  expect(await audited()).toEqual([])
})

it('has rows in Postgres while the MQTT broker hangs', async () => {
  const { audited } = await flowing()
  const broker = readState(laneHome()).mqtt!.pid!
  process.kill(broker, 'SIGSTOP')
  try {
    await moreRows(10_000)
  } finally {
    process.kill(broker, 'SIGCONT')
  }
  expect(await audited()).toEqual([])
})

it('outlives a SIGKILL while Postgres is ahead', async () => {
  const { worker, audited } = await flowing()
  await world.stack.stopService('mqtt', { signal: 'SIGKILL' })
  await worker.logged(/"level":40.*MQTT/)
  await moreRows(5_000)
  worker.kill('SIGKILL')
  await worker.exited
  world.startWorker()
  await world.stack.startService('mqtt')
  expect(await audited()).toEqual([])
})

it('publishes while Postgres is down, and is ready again whoever has come meanwhile', async () => {
  const { worker, audited } = await flowing()
  const subscriber = await world.subscribe()
  await world.stack.stopService('postgres', { signal: 'SIGKILL' })
  await worker.logged(/"level":40.*Postgres/)
  const before = subscriber.received
  await until(() => subscriber.received > before + 10_000, 'more readings')
  // Its rebalance ends what the first has begun.
  world.startWorker()
  await worker.logged(/generation \d+: tasks/, 2)
  await world.stack.startService('postgres')
  await until(async () => (await fetch(`${worker.metricsUrl}/ready`)).status === 200, 'the worker to be ready')
  expect(await audited()).toEqual([])
})

it('pauses consuming once the buffer is full', async () => {
  const start = await world.noteStart()
  const worker = world.startWorker({ METRICS_PORT: '0' })
  await worker.working()
  const first = await world.startFleet({ sensors: 200, rate: 'max', count: 4_000 }).done
  await until(async () => (await world.lag()) === 0, 'the first readings to be processed')
  const before = await rows()
  await world.stack.stopService('mqtt', { signal: 'SIGKILL' })
  const report = await world.startFleet({ sensors: 200, rate: 'max', count: 600_000 }).done
  const processed = async () => {
    const text = await (await fetch(`${worker.metricsUrl}/metrics`)).text()
    return [...text.matchAll(/^weir_records_processed_total{.*} (\S+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0)
  }
  await worker.logged(/"level":40.*MQTT/)
  const isStill = async () => {
    const before = await processed()
    await pause(1_000)
    return (await processed()) === before
  }
  // What it could process is in Postgres: a sixth of the readings, and no more than two thirds.
  await until(async () => (await rows()) - before >= 100_000, 'Postgres to have what was processed')
  await until(isStill, 'consuming to pause')
  expect((await rows()) - before).toBeLessThan(400_000)
  await world.stack.startService('mqtt')
  await world.settle()
  const partitions = report.partitions.map((count, i) => count + first.partitions[i]!)
  expect(wrongs(await world.audit(start), { ...report, partitions })).toEqual([])
})
