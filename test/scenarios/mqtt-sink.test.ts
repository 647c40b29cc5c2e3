import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { reading } from '../../schemas/types'
import { connectOnce } from '../../src/connectors/mqtt/mqtt-client'
import { MqttConnection } from '../../src/connectors/mqtt/mqtt-connection'
import { mqtt } from '../../src/connectors/mqtt/mqtt-end'
import { createMqttSink } from '../../src/connectors/mqtt/mqtt-sink'
import type { MqttTarget } from '../../src/connectors/mqtt/mqtt-target'
import type { Sink } from '../../src/connectors/sink'
import { SinkError, UnavailableError } from '../../src/errors'
import { type Stack, startStack } from '../../src/stack/stack'
import { sinkContract } from '../../src/testing/sink-contract'
import { sinkTask } from '../../src/testing/sink-harness'
import { until } from './kafka-stack'
import { TcpProxy } from './world/tcp-proxy'

const home = mkdtempSync(join(tmpdir(), 'weir-mqtt-sink-'))
let stack: Stack
let url: string

beforeAll(async () => {
  stack = await startStack({ home, attached: true, services: ['mqtt'], ports: { mqtt: 0, ws: 0 } })
  url = stack.addresses.mqttUrl
})
afterAll(async () => {
  await stack.stop()
  rmSync(home, { recursive: true, force: true })
})

const record = (n: number) => ({ key: String(n), value: { sensor_id: n, temperature: 20, timestamp: n }, timestamp: 0 })

const waitFor = (what: () => boolean) => until(what, String(what))

/** A subscriber that notes what arrives below a prefix, by a connection of its own. */
class Subscriber {
  readonly messages: { readonly topic: string; readonly payload: string; readonly retained: boolean }[] = []
  private client: MqttClient | undefined

  async start(filter: string): Promise<void> {
    this.client = await connectAsync(url)
    this.client.on('message', (topic, payload, { retain }) => {
      this.messages.push({ topic, payload: payload.toString(), retained: retain })
    })
    await this.client.subscribeAsync(filter, { qos: 1 })
  }

  async stop(): Promise<void> {
    await this.client?.endAsync(true)
  }
}

const barrierSilence = 50

for (const qos of [0, 1] as const) {
  const prefix = `c${qos}-${randomUUID()}`
  const target = mqtt({ topic: `${prefix}/{sensor_id}`, schema: reading, qos })
  const subscriber = new Subscriber()
  let proxy: TcpProxy
  afterAll(async () => {
    await subscriber.stop()
    await proxy.close()
  })
  sinkContract(`mqtt at QoS ${qos}`, { guarantee: 'at_least_once' }, async () => {
    await subscriber.start(`${prefix}/#`)
    proxy = await TcpProxy.to(Number(new URL(url).port))
    return {
      target,
      create: () => createMqttSink([target], { url: proxy.url, application: prefix }),
      lose: async () => proxy.cut(),
      record,
      bad: { ...record(1), value: { sensor_id: 1, temperature: Number.NaN, timestamp: 1 } },
      async stored(count) {
        await waitFor(() => subscriber.messages.length >= count)
        await new Promise(resolve => setTimeout(resolve, barrierSilence))
        return subscriber.messages.map(({ payload }) => JSON.parse(payload).sensor_id)
      },
      async clear() {
        subscriber.messages.length = 0
      },
    }
  })
}

describe('an MQTT sink', () => {
  const sinks: Sink[] = []
  afterEach(() => Promise.all(sinks.splice(0).map(sink => sink.close())))

  function create(target: MqttTarget, application: string = randomUUID()): Sink {
    const sink = createMqttSink([target], { url, application, timeoutMs: 5000 })
    sinks.push(sink)
    return sink
  }

  function chunk(target: MqttTarget, first: number, last: number) {
    const encoder = target.encoder()
    for (let n = first; n <= last; n++) encoder.encode(record(n), { topic: 'contract', partition: 0, offset: n })
    return encoder.take()!
  }

  const topicOf = (suffix = '{sensor_id}') => `${randomUUID()}/${suffix}`

  it('retains the last value of each topic, and asks for them at every connection', async () => {
    const target = mqtt({ topic: topicOf(), schema: reading, retain: true })
    const sink = create(target)
    const asked: string[] = []
    sink.onForgotten = task => asked.push(task)
    await sink.open([sinkTask(0), sinkTask(1)])
    expect(asked.sort()).toEqual(['0_0', '0_1'])
    await sink.write('0_0', target, chunk(target, 1, 3))
    await sink.write('0_0', target, chunk(target, 3, 4))
    await sink.commit([])
    const subscriber = new Subscriber()
    await subscriber.start(target.topic.replace('{sensor_id}', '+'))
    await waitFor(() => subscriber.messages.length === 4)
    expect(subscriber.messages.every(message => message.retained)).toBe(true)
    await subscriber.stop()
  })

  it.each([0, 1] as const)('QoS %d: a broker that goes away is an error until it is back and opened', async qos => {
    const target = mqtt({ topic: topicOf(), schema: reading, qos })
    const sink = create(target)
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunk(target, 1, 10))
    await sink.commit([])
    await sink.write('0_0', target, chunk(target, 11, 2000))
    await stack.stopService('mqtt', { signal: 'SIGKILL' })
    const writing = async () => {
      for (;;) {
        await sink.write('0_0', target, chunk(target, 1, 1000))
        await sink.commit([])
      }
    }
    await expect(writing()).rejects.toThrow(SinkError)
    await expect(sink.commit([])).rejects.toThrow(SinkError)
    await expect(sink.open([sinkTask(0)])).rejects.toThrow(UnavailableError)
    await stack.startService('mqtt')
    await sink.open([sinkTask(0)])
    const subscriber = new Subscriber()
    await subscriber.start(target.topic.replace('{sensor_id}', '+'))
    await sink.write('0_0', target, chunk(target, 11, 20))
    await sink.commit([])
    await waitFor(() => subscriber.messages.length === 10)
    await subscriber.stop()
  })

  it('connects again by itself when nothing was under way, and asks for the retained values', async () => {
    const target = mqtt({ topic: topicOf(), schema: reading, retain: true })
    const sink = create(target)
    const asked: string[] = []
    await sink.open([sinkTask(0)])
    await sink.write('0_0', target, chunk(target, 1, 1))
    await sink.commit([])
    sink.onForgotten = task => asked.push(task)
    await stack.restart('mqtt')
    await waitFor(() => asked.length === 1)
    await sink.write('0_0', target, chunk(target, 1, 1))
    await sink.commit([])
    expect(asked).toEqual(['0_0'])
  })

  it('does not fight with the owner that took over, not even while idle', async () => {
    const target = mqtt({ topic: topicOf(), schema: reading })
    const application = randomUUID()
    const former = create(target, application)
    const owner = create(target, application)
    await former.open([sinkTask(0)])
    await owner.open([sinkTask(0)])
    await new Promise(resolve => setTimeout(resolve, 1500))
    await owner.write('0_0', target, chunk(target, 1, 1))
    await owner.commit([])
    await expect(former.write('0_0', target, chunk(target, 2, 2))).rejects.toMatchObject({ name: 'FencedError' })
  })

  it('lets go of a connection that is lost while it is being found out why', async () => {
    const clientId = randomUUID()
    const link = await connectOnce({ url, clientId, timeoutMs: 5_000 })
    const barrierTopic = `weir/${clientId}`
    const letGo = new Promise<string>(resolve => {
      new MqttConnection(link, { url, task: '0_0', timeoutMs: 5_000, barrierTopic }, async lost => {
        await lost.close()
        resolve('closed')
      })
    })
    const owner = await connectOnce({ url, clientId, timeoutMs: 5_000 })
    const late = new Promise(resolve => setTimeout(resolve, 5_000, 'still waiting').unref())
    expect(await Promise.race([letGo, late])).toBe('closed')
    await owner.client.endAsync(true)
  })

  it('keeps at most 1000 publishes of QoS 1 unacknowledged', async () => {
    const target = mqtt({ topic: topicOf(), schema: reading, qos: 1 })
    const subscriber = new Subscriber()
    await subscriber.start(target.topic.replace('{sensor_id}', '+'))
    const sink = create(target)
    await sink.open([sinkTask(0)])
    // More than there are packet identifiers.
    for (let first = 1; first <= 70_000; first += 7000)
      await sink.write('0_0', target, chunk(target, first, first + 6999))
    await sink.commit([])
    await waitFor(() => subscriber.messages.length === 70_000)
    await subscriber.stop()
  })

  it('is unavailable with one sentence that names the broker and no password', async () => {
    const target = mqtt({ topic: topicOf(), schema: reading })
    const sink = createMqttSink([target], { url: 'mqtt://user:secret@127.0.0.1:1', application: 'a' })
    const opened = sink.open([sinkTask(0)])
    await expect(opened).rejects.toThrow(UnavailableError)
    await expect(opened).rejects.toThrow('MQTT broker mqtt://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1')
    await sink.close()
  })
})
