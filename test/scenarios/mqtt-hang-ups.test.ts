import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { connectAsync, type MqttClient } from 'mqtt'
import { mqtt } from '../../src/connectors/mqtt/mqtt-end'
import { createMqttSink } from '../../src/connectors/mqtt/mqtt-sink'
import type { MqttTarget } from '../../src/connectors/mqtt/mqtt-target'
import type { Sink } from '../../src/connectors/sink'
import { ContentError, SinkError } from '../../src/errors'
import { sinkTask } from '../../src/testing/sink-harness'
import { hasMosquitto, Mosquitto } from './world/mosquitto'
import { TcpProxy } from './world/tcp-proxy'

jest.setTimeout(60_000)

const suite = hasMosquitto ? describe : describe.skip

/** MQTT 3.1.1 doesn't say why it closes a connection, whoever asks. */
suite.each([0, 1] as const)('a connection that is closed without a reason, QoS %d', qos => {
  let broker: Mosquitto
  let proxy: TcpProxy
  let sink: Sink
  let target: MqttTarget
  let client: MqttClient
  /** What happens to the connection that the word BAD comes by. */
  let onBad: (socket: Socket) => void
  const heard: string[] = []

  beforeEach(async () => {
    broker = await Mosquitto.start()
    proxy = await TcpProxy.to(Number(new URL(broker.url).port), (bytes, socket) => {
      if (bytes.includes('BAD')) onBad(socket)
    })
    heard.length = 0
    client = await connectAsync(broker.url)
    client.on('message', (_topic, payload) => heard.push(payload.toString()))
    await client.subscribeAsync('t/#', { qos: 1 })
    target = mqtt<string, string>({ topic: 't/{key}', qos, value: ({ value }) => Buffer.from(value) })
    sink = createMqttSink([target], { url: proxy.url, application: randomUUID(), timeoutMs: 10_000, version: 4 })
    await sink.open([sinkTask(0)])
  })
  afterEach(async () => {
    await sink.close()
    await client.endAsync(true)
    await proxy.close()
    await broker.stop()
  })

  /** What the engine does with what wasn't committed: it opens again and writes all of it again. */
  async function committed(texts: readonly string[]): Promise<void> {
    await sink.open([sinkTask(0)])
    const encoder = target.encoder()
    for (const [offset, value] of texts.entries())
      encoder.encode({ key: 'a', value, timestamp: 0 }, { topic: 'source', partition: 0, offset })
    const chunk = encoder.take()
    if (chunk === undefined) throw new Error('nothing was encoded')
    await sink.write('0_0', target, chunk)
    await sink.commit([])
  }

  test('is no content when all connections go, at one record each time: a broker that restarts', async () => {
    let restarts = 0
    onBad = () => {
      if (restarts++ < 5) proxy.cut()
    }
    for (let i = 0; i < 5; i++) await expect(committed(['BAD', 'next'])).rejects.toMatchObject({ name: 'SinkError' })
    await committed(['BAD', 'next'])
    while (heard.at(-1) !== 'next') await new Promise(done => client.once('message', done))
    expect(heard.filter((text, i) => heard.indexOf(text) === i)).toEqual(['BAD', 'next'])
  })

  test('is content when it alone goes, the third time and while that is searched for', async () => {
    onBad = socket => socket.destroy()
    for (let i = 0; i < 2; i++) await expect(committed(['good', 'BAD'])).rejects.toBeInstanceOf(SinkError)
    await expect(committed(['good', 'BAD'])).rejects.toBeInstanceOf(ContentError)
    await expect(committed(['BAD'])).rejects.toBeInstanceOf(ContentError)
    await committed(['good'])
    expect(heard).not.toContain('BAD')
  })

  test('is an outage again when the broker restarts while content is searched for', async () => {
    onBad = socket => socket.destroy()
    for (let i = 0; i < 3; i++) await committed(['good', 'BAD']).catch(() => undefined)
    onBad = () => proxy.cut()
    await expect(committed(['BAD'])).rejects.toMatchObject({ name: 'SinkError' })
  })
})
