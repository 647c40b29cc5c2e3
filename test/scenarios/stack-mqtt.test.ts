import { mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { connect, connectAsync } from 'mqtt'
import { onPath } from '../../src/stack/programs'
import { stackAddresses } from '../../src/stack/stack'
import { readState } from '../../src/stack/state'
import { cli, isPrivate, newHome, removeHomes } from './stack-homes'

afterAll(removeHomes)

describe.each(onPath('mosquitto') === undefined ? ['aedes'] : ['mosquitto', 'aedes'])('MQTT by %s', kind => {
  const home = newHome()
  const bin = join(dirname(home), 'bin')

  beforeAll(() => {
    mkdirSync(bin)
    symlinkSync(process.execPath, join(bin, 'node'))
    const path = kind === 'aedes' ? bin : [bin, process.env.PATH].join(delimiter)
    const up = cli(home, ['up', 'mqtt'], { PATH: path })
    expect(up.stderr).toContain('mqtt: ready')
    expect(readState(home).mqtt?.kind).toBe(kind)
  })
  afterAll(() => cli(home, ['down']))

  test('what is published by TCP arrives by WebSocket, and retained for who comes later', async () => {
    const { mqttUrl, mqttWsUrl } = stackAddresses(home)
    const [publisher, subscriber] = [await connectAsync(mqttUrl), await connectAsync(mqttWsUrl)]
    await subscriber.subscribeAsync('sensors/#', { qos: 1 })
    const seen: string[] = []
    const all = new Promise<void>(done => {
      subscriber.on('message', (topic, payload) => seen.push(`${topic} ${payload}`) === 2000 && done())
    })
    for (let n = 0; n < 2000; n++) void publisher.publishAsync(`sensors/${n}`, String(n), { qos: 1, retain: n === 7 })
    await all
    expect(new Set(seen).size).toBe(2000)
    const later = await connectAsync(mqttUrl)
    const retained = new Promise<string>(done => later.on('message', (_topic, payload) => done(String(payload))))
    await later.subscribeAsync('sensors/7')
    expect(await retained).toBe('7')
    await Promise.all([publisher, subscriber, later].map(client => client.endAsync()))
  })

  test('it listens on 127.0.0.1 alone', async () => {
    const { port, wsPort } = readState(home).mqtt!
    expect([await isPrivate(port), await isPrivate(wsPort)]).toEqual([true, true])
  })

  test('a slow subscriber loses nothing', async () => {
    const { mqttUrl } = stackAddresses(home)
    const subscriber = await connectAsync(mqttUrl, { clientId: 'slow', clean: false })
    await subscriber.subscribeAsync('slow/#', { qos: 1 })
    await subscriber.endAsync()
    const publisher = await connectAsync(mqttUrl)
    const count = 5000
    for (let n = 0; n < count; n += 500)
      await Promise.all(
        Array.from({ length: 500 }, (_, k) => publisher.publishAsync('slow/1', String(n + k), { qos: 1 })),
      )
    await publisher.endAsync()
    const seen = new Set<string>()
    // Not connectAsync: the queue is sent as soon as the session is there, before anyone could listen.
    const back = connect(mqttUrl, { clientId: 'slow', clean: false })
    await new Promise<void>(done => {
      back.on('message', (_topic, payload) => seen.add(String(payload)).size === count && done())
    })
    await back.endAsync()
  })
})
