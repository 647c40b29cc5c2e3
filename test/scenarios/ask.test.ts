import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { connect, type IPublishPacket, type MqttClient } from 'mqtt'
import { Client } from 'pg'
import { createBroker } from '../../src/connectors/kafka/kafka-broker'
import { Asker } from '../../src/engine/queries/asker'
import { sensorsJob } from '../../src/sensors/audit/sensors-job'
import { onPath } from '../../src/stack/programs'
import sensors from '../../topology/sensors'
import { weir } from '../ops/weir'
import { patientMs, until } from './kafka-stack'
import { World } from './world/world'

const ids = Array.from({ length: 40 }, (_, i) => String(i + 1))

let world: World
let asker: Asker
let broker: ReturnType<typeof createBroker>
/** Unix milliseconds: windows that end later are of this file's fleet. */
let begun: number
beforeAll(async () => {
  world = await World.open()
  const { kafkaBrokers, registryUrl } = world.stack.addresses
  process.env.KAFKA_BROKERS = kafkaBrokers
  process.env.SCHEMA_REGISTRY_URL = registryUrl
  await world.noteStart()
  await world.startWorker().working()
  await world.startWorker().working()
  broker = createBroker({
    brokers: kafkaBrokers.split(','),
    ...{ application: 'sensors', guarantee: 'at_least_once', sessionTimeoutMs: 10_000, replicationFactor: 1 },
  })
  asker = await Asker.open({ topology: sensors, broker, registry: world.ends.registry, nowMs: Date.now })
  begun = Date.now()
  world.startFleet({ sensors: ids.length, rate: 20, late: 0.02, lateByMs: 20_000, outOfOrder: 0.05 })
  // A worker that has just joined may still be taking its tasks over, and a sensor's first reading be under way.
  const answered = async () => {
    const answers = await Promise.all(ids.map(id => current(id, 5_000).catch(() => undefined)))
    return answers.every(answer => (answer?.entries.length ?? 0) > 0)
  }
  const logged = () => world.workers.map(({ lines }) => lines.slice(-30).join('\n')).join('\n\n')
  await until(answered, () => `a first answer for each sensor; the workers have logged\n${logged()}`)
})
afterAll(async () => {
  await asker?.close()
  await broker?.close()
  await world.close()
})

const current = (key: string, timeoutMs = 60_000) => asker.ask({ store: 'rollup-10s', key }, { timeoutMs })
const owners = async () => new Set((await Promise.all(ids.map(id => current(id)))).map(({ worker }) => worker))

test('each key is answered by the worker that owns it, many at once', async () => {
  await until(async () => (await owners()).size === 2, 'answers of both workers')
  const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => current(ids[i % ids.length]!)))
  for (const { entries, streamTime } of answers) {
    const [{ window, value }] = entries as [{ window: { start: number; end: number }; value: { count: number } }]
    expect(window.end - window.start).toBe(10_000)
    expect(window.start).toBeLessThanOrEqual(streamTime)
    expect(value.count).toBeGreaterThan(0)
  }
})

test('closed windows are the ones that Postgres has, for as long as the history', async () => {
  const client = new Client({ connectionString: world.stack.addresses.databaseUrl })
  await client.connect()
  // Files before this one have left windows behind that are older than the history: 2 minutes, and what passes meanwhile.
  const historyMs = 110_000
  /** How many of its windows this file's fleet has closed by now. */
  const compared = async (id: string) => {
    const { entries, streamTime } = await asker.ask(
      { store: 'rollup-10s', key: id, rangeMs: 600_000 },
      { timeoutMs: 60_000 },
    )
    const { rows } = await client.query(
      `SELECT extract(epoch FROM window_start) * 1000 AS start, count, sum, min, max, mean FROM sensor_data_10s
       WHERE sensor_id = $1 AND window_start >= to_timestamp($2) AND window_end <= to_timestamp($3) ORDER BY window_start`,
      // Those that had closed when it answered: others may have closed since.
      [Number(id), (streamTime - historyMs) / 1000, (streamTime - sensorsJob.graceMs) / 1000],
    )
    for (const { start, ...figures } of rows) {
      const found = entries.find(({ window }) => window!.start === Number(start))
      expect(found?.value).toEqual({ ...figures, count: Number(figures.count) })
    }
    return rows.filter(({ start }) => Number(start) + 10_000 > begun).length
  }
  try {
    // The commands below look at the past of some of these.
    for (const id of ids.slice(0, 10))
      await until(async () => (await compared(id)) >= 2, `two closed windows of sensor ${id}`)
  } finally {
    await client.end()
  }
})

const page = readFileSync(resolve(__dirname, '../../src/cli/README.md'), 'utf8')
const [, block = ''] = /<!-- asking -->\n```sh\n([\s\S]*?)```/.exec(page)!

test.each(block.trim().split('\n'))('%s', async line => {
  const ran = await weir(line.split('#')[0]!.trim().split(/ +/).slice(1))
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  expect(ran.lines.length).toBeGreaterThan(0)
})

test('weir ask and weir topology state', async () => {
  const asked = await weir(['ask', 'sensors', '--sensor', '7', '--window', '1m', '-o', 'json'])
  expect([asked.code, asked.stderr]).toEqual([0, ''])
  expect(JSON.parse(asked.stdout)).toEqual([
    {
      sensor: '7',
      window: expect.anything(),
      value: expect.objectContaining({ count: expect.any(Number) }),
      timestamp: expect.any(Number),
    },
  ])
  const range = await weir(['ask', 'sensors', '--sensor', '7', '--range', '5m', '-o', 'ndjson'])
  expect(range.lines.length).toBeGreaterThan(1)
  const table = await weir(['topology', 'state', 'rollup-10s', '7', '--from', '-1h'])
  expect(table.lines[0]).toMatch(/^START +END +COUNT +SUM +MIN +MAX +MEAN$/)
  expect(table.lines.length).toBeGreaterThan(2)
  const code = async (...line: string[]) => {
    const ran = await weir(line)
    return [ran.code, ran.stdout, ran.stderr.trim()]
  }
  expect(await code('ask', 'sensors', '--sensor', '9999')).toEqual([
    3,
    '',
    expect.stringMatching(/store "rollup-10s" has nothing of key "9999"/),
  ])
  expect(await code('ask', 'sensor', '--sensor', '7')).toEqual([3, '', expect.stringMatching(/did you mean "sensors"/)])
  expect((await code('ask', 'sensors', '--sensor', '7', '--window', '1h'))[0]).toBe(3)
  expect((await code('ask', 'sensors'))[0]).toBe(2)
  expect(await code('topology', 'state', 'rollup-1', '7')).toEqual([
    3,
    '',
    expect.stringMatching(/did you mean "rollup-1/),
  ])
  expect((await code('topology', 'state', 'rollup-1m', '7', '--application', 'nobody'))[0]).toBe(3)
})

describe('MQTT 5', () => {
  let client: MqttClient
  beforeAll(async () => {
    client = connect(world.stack.addresses.mqttUrl, { protocolVersion: 5, reconnectPeriod: 0 })
    client.setMaxListeners(ids.length)
    client.on('error', () => {})
  })
  afterAll(() => client?.endAsync(true))

  const request = (topic: string, payload: string): Promise<{ correlation: string; reply: any }> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no reply')), patientMs)
      const correlation = Math.random().toString(36)
      const take = (to: string, body: Buffer, packet: IPublishPacket) => {
        if (to !== 'answers/test' || packet.properties?.correlationData?.toString() !== correlation) return
        clearTimeout(late)
        client.off('message', take)
        resolve({ correlation, reply: JSON.parse(body.toString()) })
      }
      client.on('message', take)
      const properties = { responseTopic: 'answers/test', correlationData: Buffer.from(correlation) }
      client.publish(topic, payload, { qos: 1, properties })
    })

  const real = onPath('mosquitto') === undefined ? test.skip : test

  real('sensors/<id>/get is answered with the correlation data, or what is wrong', async () => {
    await client.subscribeAsync('answers/test', { qos: 1 })
    const replies = await Promise.all(ids.slice(0, 10).map(id => request(`sensors/${id}/get`, '')))
    for (const [i, { reply }] of replies.entries())
      expect(reply).toMatchObject({
        sensor: ids[i],
        window: '10s',
        entries: [{ value: { count: expect.any(Number) } }],
      })
    const { reply } = await request('sensors/7/get', '{"window":"1m","range":"1h"}')
    expect(reply.entries.length).toBeGreaterThan(0)
    const wrong = async (topic: string, payload: string) => (await request(topic, payload)).reply.error
    expect(await wrong('sensors/7/get', 'now')).toMatch(/payload is empty or JSON/)
    expect(await wrong('sensors/7/get', '{"window":"1y"}')).toBe('window "1y" is none of 10s, 1m')
    expect(await wrong('sensors/7/get', '{"range":"long"}')).toMatch(/a duration is written/)
    expect((await request('sensors/9999/get', '')).reply).toMatchObject({ sensor: '9999', entries: [] })
  })
})

test('a request that is sent while its owner is dead is answered by who takes over', async () => {
  const victim = world.workers.find(worker => worker.running)
  const before = new Map(await Promise.all(ids.map(async id => [id, (await current(id)).worker] as const)))
  victim!.kill('SIGKILL')
  await victim!.exited
  const after = await Promise.all(ids.map(async id => [id, (await current(id)).worker] as const))
  expect(new Set(before.values()).size).toBe(2)
  expect(new Set(after.map(([, worker]) => worker)).size).toBe(1)
})

test('a topology that is not running is told at once', async () => {
  await Promise.all(world.workers.filter(worker => worker.running).map(worker => worker.stop()))
  const ran = await weir(['ask', 'sensors', '--sensor', '7'])
  expect([ran.code, ran.stdout]).toEqual([1, ''])
  expect(ran.stderr).toMatch(/topology "sensors" isn't running/)
  await expect(current('7', 300)).rejects.toThrow(/topology "sensors" isn't running/)
})
