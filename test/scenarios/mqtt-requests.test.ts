import { connect, connectAsync, type MqttClient } from 'mqtt'
import { listenForRequests, type RequestListener } from '../../src/connectors/mqtt/request-listener'
import { responseTopics } from '../../src/connectors/mqtt/response-topics'
import { Outages } from '../../src/outages'
import { until } from './kafka-stack'
import { hasMosquitto, Mosquitto } from './world/mosquitto'

const suite = hasMosquitto ? describe : describe.skip

suite('MQTT requests', () => {
  let broker: Mosquitto
  let client: MqttClient
  let listener: RequestListener
  const lines: string[] = []
  const say = (text: unknown) => void lines.push(String(text))
  const log = { debug: () => {}, info: say, warn: say, error: say }
  const outages = new Outages({ log, settleMs: 1 })
  const heard: { readonly topic: string; readonly text: string }[] = []

  beforeAll(async () => {
    broker = await Mosquitto.start(['max_packet_size 5000'])
    client = connect(broker.url, { protocolVersion: 5 })
    client.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() }))
    await client.subscribeAsync('#', { qos: 1 })
    listener = listenForRequests({
      ...{ url: broker.url, share: 'gateway', filter: 'sensors/+/get', log, outages },
      handle: async (_topic, payload) => Buffer.from(`answer ${payload.toString()}`.padEnd(Number(payload) || 0)),
      replyFault: responseTopics({ prefix: 'answers', own: ['sensors/{id}', 'answers/{id}/last'] }),
    })
  })
  afterAll(async () => {
    await listener.close()
    await client.endAsync(true)
    await broker.stop()
  })
  beforeEach(() => {
    heard.length = 0
  })

  const ask = (responseTopic: string, payload: string) =>
    client.publishAsync('sensors/7/get', payload, { qos: 1, properties: { responseTopic } })
  const answered = (text: string) => heard.find(message => message.text.startsWith(text))?.topic
  /** Asked again until it is heard: the listener may still be about to subscribe. */
  const answer = async (responseTopic: string, payload: string) => {
    await until(async () => {
      await ask(responseTopic, payload)
      return answered(`answer ${payload}`) !== undefined
    }, 'an answer')
    return answered(`answer ${payload}`)
  }

  test('answers go to the prefix and below it', async () => {
    expect(await answer('answers', 'one')).toBe('answers')
    expect(await answer('answers/anna/7', 'two')).toBe('answers/anna/7')
  })

  test('an answer that may go nowhere harms nobody, and is told of once', async () => {
    const wrong = ['a/#', 'answers/+', 'answers/#', 'answers/\u{1fffe}', 'answers/\u0001', '$SYS/answers', 'answersx']
    wrong.push('sensors/7', 'sensors/7/get', 'answers/7/last', `answers/${'x/'.repeat(250)}`)
    for (const [i, responseTopic] of wrong.entries()) {
      // mosquitto itself hangs up on some of them.
      const asker = await connectAsync(broker.url, { protocolVersion: 5, reconnectPeriod: 0 })
      const closed = new Promise<void>(done => asker.once('close', () => done()))
      const asked = asker.publishAsync('sensors/7/get', `wrong ${i}`, { qos: 1, properties: { responseTopic } })
      await Promise.race([asked.catch(() => undefined), closed])
      asker.end(true)
    }
    expect(await answer('answers/anna', 'after')).toBe('answers/anna')
    expect(heard.filter(({ text }) => text.startsWith('answer wrong'))).toEqual([])
    const told = lines.filter(line => line.includes('is not answered'))
    expect(told).toEqual([
      'MQTT request to sensors/7/get is not answered: response topic "a/#": it has a wildcard (+ or #)',
    ])
    expect(lines).toEqual(told)
  })

  test('an answer that is larger than the broker takes is said to be', async () => {
    await ask('answers/large', '6000')
    await until(() => heard.some(({ topic }) => topic === 'answers/large'), 'an answer')
    expect(heard.find(({ topic }) => topic === 'answers/large')?.text).toBe(
      '{"error":"the answer has 6000 bytes, and the broker takes no packet of more than 5000"}',
    )
  })
})
