import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { connect, connectAsync, type MqttClient } from 'mqtt'
import { mqtt } from '../../src/connectors/mqtt/mqtt-end'
import { createMqttSink } from '../../src/connectors/mqtt/mqtt-sink'
import type { MqttTarget } from '../../src/connectors/mqtt/mqtt-target'
import type { Sink } from '../../src/connectors/sink'
import { ContentError, SinkError } from '../../src/errors'
import { sinkTask } from '../../src/testing/sink-harness'
import { hasMosquitto, Mosquitto } from './world/mosquitto'
import { TcpProxy } from './world/tcp-proxy'

const suite = hasMosquitto ? describe : describe.skip

/** MQTT 3.1.1 doesn't say why it closes a connection, whoever asks. */
suite.each([0, 1] as const)('a connection that is closed without a reason, QoS %d', qos => {
  let broker: Mosquitto
  let proxy: TcpProxy
  let sink: Sink
  let target: MqttTarget
  let client: MqttClient
  let application: string
  /** What happens to the connection that the word BAD comes by, and whether it is passed on. */
  let onBad: (socket: Socket) => boolean
  const heard: string[] = []

  beforeEach(async () => {
    broker = await Mosquitto.start()
    const port = Number(new URL(broker.url).port)
    proxy = await TcpProxy.to(port, (bytes, socket) => !bytes.includes('BAD') || onBad(socket))
    heard.length = 0
    client = await connectAsync(broker.url)
    client.on('message', (_topic, payload) => heard.push(payload.toString()))
    await client.subscribeAsync('t/#', { qos: 1 })
    target = mqtt<string, string>({ topic: 't/{key}', qos, value: ({ value }) => Buffer.from(value) })
    application = randomUUID()
    sink = createMqttSink([target], { url: proxy.url, application, timeoutMs: 10_000, version: 4 })
    await sink.open([sinkTask(0)])
  })
  afterEach(async () => {
    await sink.close()
    await client.endAsync(true)
    await proxy.close()
    await broker.stop()
  })

  const hangUp = (socket: Socket) => {
    socket.destroy()
    return false
  }

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
      if (restarts++ >= 5) return true
      proxy.cut()
      return false
    }
    for (let i = 0; i < 5; i++) await expect(committed(['BAD', 'next'])).rejects.toMatchObject({ name: 'SinkError' })
    await committed(['BAD', 'next'])
    while (heard.at(-1) !== 'next') await new Promise(done => client.once('message', done))
    expect(heard.filter((text, i) => heard.indexOf(text) === i)).toEqual(['BAD', 'next'])
  })

  test('is content when it alone goes, the third time and while that is searched for', async () => {
    onBad = hangUp
    for (let i = 0; i < 2; i++) await expect(committed(['good', 'BAD'])).rejects.toBeInstanceOf(SinkError)
    await expect(committed(['good', 'BAD'])).rejects.toBeInstanceOf(ContentError)
    await expect(committed(['BAD'])).rejects.toBeInstanceOf(ContentError)
    await committed(['good'])
    expect(heard).not.toContain('BAD')
  })

  test('is an outage again when the broker restarts while content is searched for', async () => {
    onBad = hangUp
    for (let i = 0; i < 3; i++) await committed(['good', 'BAD']).catch(() => undefined)
    onBad = () => {
      proxy.cut()
      return false
    }
    await expect(committed(['BAD'])).rejects.toMatchObject({ name: 'SinkError' })
  })

  test('is an outage when another client uses the id and leaves no mark, at one record each time', async () => {
    let takes = 0
    const thief = connect(broker.url, { clientId: `${application}-0_0`, protocolVersion: 4, reconnectPeriod: 200 })
    thief.on('connect', () => takes++)
    let lost = 0
    // Until the other client comes back, the record and what follows it are on their way.
    onBad = socket => {
      lost++
      socket.pause()
      return false
    }
    try {
      while (lost < 5)
        expect(await committed(['BAD']).catch((error: Error) => error.name)).not.toMatch(/ContentError|FencedError/)
    } finally {
      await thief.endAsync(true)
    }
    expect(takes).toBeGreaterThanOrEqual(5)
  })
})
