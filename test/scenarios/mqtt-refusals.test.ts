import { randomUUID } from 'node:crypto'
import { connectAsync, type MqttClient } from 'mqtt'
import { connectOnce } from '../../src/connectors/mqtt/mqtt-client'
import { mqtt } from '../../src/connectors/mqtt/mqtt-end'
import { createMqttSink, type MqttSinkOptions } from '../../src/connectors/mqtt/mqtt-sink'
import type { MqttTarget } from '../../src/connectors/mqtt/mqtt-target'
import type { Sink } from '../../src/connectors/sink'
import { ContentError, FencedError, ProcessError, SinkError, UnfitError } from '../../src/errors'
import { sinkTask } from '../../src/testing/sink-harness'
import { hasMosquitto, Mosquitto } from './world/mosquitto'

interface Message {
  readonly topic: string
  readonly text: string
}

const record = ({ topic, text }: Message) => ({ key: topic, value: text, timestamp: 0 })
const target = (qos: 0 | 1, more: { retain?: boolean; topic?: string } = {}) =>
  mqtt<string, string>({ topic: 't/{key}', qos, value: ({ value }) => Buffer.from(value), ...more })

function chunk(to: MqttTarget, messages: readonly Message[]) {
  const encoder = to.encoder()
  for (const [offset, message] of messages.entries())
    encoder.encode(record(message), { topic: 'source', partition: 3, offset })
  const taken = encoder.take()
  if (taken === undefined) throw new Error('nothing was encoded')
  return taken
}

const suite = hasMosquitto ? describe : describe.skip

suite('what mosquitto refuses', () => {
  const sinks: Sink[] = []
  const clients: MqttClient[] = []
  const brokers: Mosquitto[] = []
  afterEach(async () => {
    await Promise.all(sinks.splice(0).map(sink => sink.close()))
    await Promise.all(clients.splice(0).map(client => client.endAsync(true)))
    await Promise.all(brokers.splice(0).map(broker => broker.stop()))
  })

  async function start(...given: Parameters<typeof Mosquitto.start>): Promise<Mosquitto> {
    const broker = await Mosquitto.start(...given)
    brokers.push(broker)
    return broker
  }

  async function open({ url }: Mosquitto, to: MqttTarget, more: Partial<MqttSinkOptions> = {}): Promise<Sink> {
    const sink = createMqttSink([to], { url, application: randomUUID(), timeoutMs: 10_000, ...more })
    sinks.push(sink)
    await sink.open([sinkTask(0)])
    return sink
  }

  async function listen({ url }: Mosquitto): Promise<Message[]> {
    const heard: Message[] = []
    const client = await connectAsync(url)
    clients.push(client)
    client.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() }))
    await client.subscribeAsync('t/#', { qos: 1 })
    return heard
  }

  const committed = async (sink: Sink, to: MqttTarget, messages: readonly Message[]) => {
    await sink.write('0_0', to, chunk(to, messages))
    await sink.commit([])
  }

  test('retained values that were asked for are asked for again when opened before the broker has proven to have them', async () => {
    const to = target(1, { retain: true })
    const sink = await open(await start(), to)
    const asked: string[] = []
    sink.onForgotten = task => asked.push(task)
    // Rolled back by another end: the connection stays, and what was to be written is gone.
    await sink.open([sinkTask(0)])
    expect(asked).toEqual(['0_0'])
    await committed(sink, to, [{ topic: 'a', text: 'last' }])
    await sink.open([sinkTask(0)])
    expect(asked).toEqual(['0_0'])
  })

  test.each([0, 1] as const)('QoS %d: a topic of any character arrives, by MQTT 5 and 3.1.1', async qos => {
    const broker = await start()
    const points = [
      0x00, 0x01, 0x09, 0x1f, 0x20, 0x23, 0x24, 0x25, 0x2b, 0x2f, 0x7e, 0x7f, 0x80, 0x85, 0x9f, 0xa0, 0xad,
    ]
    points.push(0x3ff, 0x200b, 0x2028, 0xd7ff, 0xe000, 0xfdcf, 0xfdd0, 0xfdef, 0xfdf0, 0xfeff, 0xfffd, 0xfffe, 0xffff)
    for (let plane = 1; plane <= 16; plane++) points.push(plane << 16, (plane << 16) | 0xfffd, (plane << 16) | 0xfffe)
    for (let plane = 1; plane <= 16; plane++) points.push((plane << 16) | 0xffff)
    const messages = points.flatMap(point => {
      const text = point.toString(16)
      return [`a${String.fromCodePoint(point)}b`, String.fromCodePoint(point)].map(topic => ({ topic, text }))
    })
    const heard = await listen(broker)
    for (const version of [5, 4] as const) {
      const to = target(qos)
      const sink = await open(broker, to, { version })
      heard.length = 0
      await committed(sink, to, messages)
      await committed(sink, to, [{ topic: 'end', text: 'end' }])
      while (heard.at(-1)?.text !== 'end') await new Promise(done => clients[0]?.once('message', done))
      expect(heard.slice(0, -1).map(({ text }) => text)).toEqual(messages.map(({ text }) => text))
      // Two values are never one topic.
      expect(new Set(heard.map(({ topic }) => topic)).size).toBe(messages.length + 1)
    }
  })

  test('a packet over its limit is refused when it is encoded: MQTT 5 says the limit, a setting does for 3.1.1', async () => {
    const broker = await start(['max_packet_size 5000'])
    const large = { topic: 'a', text: 'x'.repeat(5000) }
    for (const more of [{ version: 5 }, { version: 4, mostBytes: 5000 }] as const) {
      const to = target(1)
      const sink = await open(broker, to, more)
      expect(() => chunk(to, [large])).toThrow(ProcessError)
      expect(() => chunk(to, [large])).toThrow(/a packet of 50\d\d bytes, and the broker takes no more than 5000/)
      await committed(sink, to, [{ topic: 'a', text: 'x'.repeat(4900) }])
    }
  })

  test.each([
    [5, 0],
    [5, 1],
    [4, 0],
    [4, 1],
  ] as const)('MQTT %d, QoS %d: what it hangs up on is content, never another owner', async (version, qos) => {
    const broker = await start(['max_packet_size 5000'])
    const to = target(qos)
    const sink = await open(broker, to, { version })
    await committed(sink, to, [{ topic: 'a', text: 'small' }])
    to.rules.learn(version, 1_000_000)
    const bad = chunk(to, [{ topic: 'a', text: 'x'.repeat(6000) }])
    const refused = async () => {
      for (;;) {
        try {
          await sink.write('0_0', to, bad)
          await sink.commit([])
          throw new Error('it was taken')
        } catch (error) {
          if (!(error instanceof SinkError)) return error
          // An outage as far as anybody can tell: the engine opens again and writes again.
          await sink.open([sinkTask(0)])
          to.rules.learn(version, 1_000_000)
        }
      }
    }
    const error = await refused()
    expect(error).toBeInstanceOf(ContentError)
    expect(String(error)).toMatch(/closes the connection on what task 0_0 writes/)
    await sink.open([sinkTask(0)])
    await committed(sink, to, [{ topic: 'a', text: 'good' }])
  })

  test('a topic without the right is its record’s fault, told with its position; the others go on', async () => {
    const rights = ['topic readwrite weir/#', 'topic readwrite t/ok/#', 'topic readwrite t/ok', 'topic read t/#']
    const broker = await start([], rights)
    const heard = await listen(broker)
    const to = target(1)
    const sink = await open(broker, to)
    const messages = ['ok', 'denied', 'ok', 'forbidden'].map((topic, i) => ({ topic, text: String(i) }))
    const refused = committed(sink, to, messages)
    await expect(refused).rejects.toBeInstanceOf(ContentError)
    await expect(refused).rejects.toThrow(/refuses a message to t\/denied \(and 1 more\): not authorized/i)
    await expect(refused).rejects.toMatchObject({ position: { topic: 'source', partition: 3, offset: 1 } })
    await sink.open([sinkTask(0)])
    for (const topic of ['denied', 'forbidden'])
      expect(() => chunk(to, [{ topic, text: 'again' }])).toThrow(/the broker refuses t\/.*: not authorized/i)
    await committed(sink, to, [{ topic: 'ok', text: 'last' }])
    while (heard.at(-1)?.text !== 'last') await new Promise(done => clients[0]?.once('message', done))
    expect(heard.map(({ text }) => text)).toEqual(['0', '2', 'last'])
  })

  test('a target without any right waits until it is given', async () => {
    const broker = await start([], ['topic readwrite weir/#', 'topic read t/#'])
    const heard = await listen(broker)
    const to = target(1)
    const sink = await open(broker, to)
    const one = { topic: 'a', text: '1' }
    await expect(committed(sink, to, [one])).rejects.toBeInstanceOf(UnfitError)
    await sink.open([sinkTask(0)])
    await expect(committed(sink, to, [one])).rejects.toThrow(/the right to publish to t\/\{key\}/)
    broker.allow(['topic readwrite #'])
    for (;;) {
      await sink.open([sinkTask(0)])
      const error = await committed(sink, to, [one]).catch(error => error)
      if (error === undefined) break
      expect(error).toBeInstanceOf(UnfitError)
    }
    while (heard.length === 0) await new Promise(done => clients[0]?.once('message', done))
    expect(heard[0]).toEqual({ topic: 't/a', text: '1' })
  })

  test('it keeps to the window that the broker names, and the order', async () => {
    const broker = await start(['max_inflight_messages 3'])
    const heard = await listen(broker)
    const to = target(1)
    const sink = await open(broker, to)
    const messages = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({ topic: 'a', text: String(from + i) }))
    const writes = [0, 500, 510].map((from, i) =>
      sink.write('0_0', to, chunk(to, messages(from, [500, 10, 490][i] ?? 0))),
    )
    await Promise.all([...writes, sink.commit([])])
    while (heard.length < 1000) await new Promise(done => clients[0]?.once('message', done))
    expect(heard.map(({ text }) => Number(text))).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  })

  test('a broker without retained messages does not serve a target that needs them', async () => {
    const broker = await start(['retain_available false'])
    await expect(open(broker, target(1, { retain: true }))).rejects.toBeInstanceOf(UnfitError)
    await expect(open(broker, target(1))).resolves.toBeDefined()
  })

  test('by MQTT 3.1.1 another owner is known by its mark', async () => {
    const broker = await start()
    const to = target(1)
    const [application, version] = [randomUUID(), 4] as const
    const former = await open(broker, to, { application, version })
    await committed(former, to, [{ topic: 'a', text: '1' }])
    const owner = await open(broker, to, { application, version })
    await expect(committed(former, to, [{ topic: 'a', text: '2' }])).rejects.toBeInstanceOf(FencedError)
    await committed(owner, to, [{ topic: 'a', text: '3' }])
  })

  test('who only uses the client id, and leaves no mark, is an outage and not an owner', async () => {
    const broker = await start()
    const to = target(1)
    const [application, version] = [randomUUID(), 4] as const
    const sink = await open(broker, to, { application, version })
    await committed(sink, to, [{ topic: 'a', text: '1' }])
    const intruder = await connectOnce({
      url: broker.url,
      clientId: `${application}-0_0`,
      timeoutMs: 5_000,
      version: 4,
    })
    clients.push(intruder.client)
    await expect(committed(sink, to, [{ topic: 'a', text: '2' }])).rejects.toMatchObject({ name: 'SinkError' })
    await sink.open([sinkTask(0)])
    await committed(sink, to, [{ topic: 'a', text: '2' }])
  })

  test('a task that is released leaves no mark behind', async () => {
    const broker = await start()
    const sink = await open(broker, target(0))
    const marks: string[] = []
    const client = await connectAsync(broker.url)
    clients.push(client)
    client.on('message', (_topic, payload) => marks.push(payload.toString()))
    await client.subscribeAsync('weir/+/owner/+', { qos: 1 })
    while (marks.length === 0) await new Promise(done => client.once('message', done))
    await sink.close()
    while (marks.length === 1) await new Promise(done => client.once('message', done))
    expect(marks).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), ''])
  })
})
