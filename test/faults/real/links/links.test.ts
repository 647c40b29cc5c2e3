import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import {
  createCluster,
  ErrorCode,
  ensureTopics,
  partitionRange,
  topicPartitionCounts,
} from '../../../../src/connectors/kafka'
import { LightKafka } from '../../../../src/light/light-kafka'
import { realClock } from '../../../../src/light/world/real-clock'
import { tcp } from '../../../../src/light/world/tcp'
import { until } from '../../../scenarios/kafka-stack'
import { KafkaFrames } from './kafka-frames'
import { KafkaProxy } from './kafka-proxy'
import type { Fate, KafkaRequest } from './kafka-session'
import { TcpLink } from './tcp-link'

jest.setTimeout(60_000)

/** However it ends. */
const closed = (socket: Socket) => new Promise(done => socket.once('close', done))

describe('a link', () => {
  let server: Server
  let link: TcpLink
  let client: Socket
  let received = ''
  let accepted: Socket | undefined
  let got = ''
  beforeEach(async () => {
    received = got = ''
    server = createServer(socket => {
      accepted = socket
      socket.on('error', () => {})
      socket.on('data', bytes => {
        received += bytes
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    link = await TcpLink.to((server.address() as AddressInfo).port)
    client = connect(link.port, '127.0.0.1')
    client.on('error', () => {})
    client.on('data', bytes => {
      got += bytes
    })
    await once(client, 'connect')
    client.write('one ')
    await until(() => received === 'one ', 'the first bytes')
  })
  afterEach(async () => {
    client.destroy()
    await link.close()
    server.close()
  })

  it('that is held passes on nothing, and afterwards all', async () => {
    link.begin({ isHeld: true })
    client.write('two ')
    const other = connect(link.port, '127.0.0.1')
    await once(other, 'connect')
    other.end('three')
    expect(received).toBe('one ')
    link.end()
    await until(() => received.includes('two ') && received.includes('three'), 'what was held')
  })

  it('that loses what the server sends passes on the other way, and ends with the trouble', async () => {
    link.begin({ lost: 'server' })
    accepted?.write('answer')
    client.write('two ')
    await until(() => received === 'one two ', 'the way there')
    expect(got).toBe('')
    const end = closed(client)
    link.end()
    await end
  })

  it.each([{ isSliced: true }, { latencyMs: 20 }, { bytesPerSecond: 20_000 }])(
    'with %j keeps the bytes and their order',
    async trouble => {
      link.begin(trouble)
      const text = Array.from({ length: 400 }, (_, i) => `${i} `).join('')
      for (const part of text.match(/.{1,100}/gs) ?? []) client.write(part)
      await until(() => received === `one ${text}`, 'all bytes')
    },
  )

  it('that is closed refuses, and cuts what was there', async () => {
    const end = closed(client)
    link.begin({ isClosed: true })
    await end
    const other = connect(link.port, '127.0.0.1')
    other.on('error', () => {})
    await closed(other)
  })

  it('lets a watcher see what a client sends, and cut there', async () => {
    link.watch = (bytes, cut) => {
      if (!bytes.includes('COMMIT')) return 'pass'
      cut()
      return 'lose'
    }
    const end = closed(client)
    client.write('COMMIT')
    await end
    expect(received).toBe('one ')
  })
})

test('messages are found however their bytes arrive', () => {
  const frames = new KafkaFrames()
  const bytes = Buffer.from([0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 3])
  expect([...bytes].flatMap(byte => frames.push(Buffer.from([byte]))).map(each => [...each])).toEqual([[1, 2], [], [3]])
  expect(frames.push(bytes).map(each => [...each])).toEqual([[1, 2], [], [3]])
})

describe("a proxy that speaks Kafka's protocol", () => {
  let kafka: LightKafka
  let proxy: KafkaProxy
  let asked: KafkaRequest[]
  let fateOf: (request: KafkaRequest) => Fate
  let direct: ReturnType<typeof createCluster>
  let through: ReturnType<typeof createCluster>
  beforeEach(async () => {
    kafka = await LightKafka.start({ clock: realClock, network: tcp, ports: [0], clusterId: 'proxied' })
    const port = Number(kafka.brokers[0]?.split(':')[1])
    proxy = await KafkaProxy.to(port, port)
    asked = []
    fateOf = () => 'pass'
    proxy.meddle = request => {
      asked.push(request)
      return fateOf(request)
    }
    direct = createCluster({ brokers: kafka.brokers, clientId: 'direct' })
    through = createCluster({ brokers: [`127.0.0.1:${proxy.port}`], clientId: 'through' })
    await ensureTopics(direct, [{ topic: 'numbers', partitions: 2 }])
  })
  afterEach(async () => {
    await direct.disconnect()
    await through.disconnect()
    await proxy.close()
    await kafka.close()
  })

  const end = () => partitionRange({ cluster: through }, { topic: 'numbers', partition: 1 })
  /** Meddles with the first request of an API. */
  const once = (name: string, fate: Fate) => {
    let isOver = false
    fateOf = request => {
      if (isOver || request.name !== name) return 'pass'
      isOver = true
      return fate
    }
  }
  const count = (name: string) => asked.filter(each => each.name === name).length

  it('is where the brokers say that they are', async () => {
    expect((await topicPartitionCounts(through, ['numbers'])).get('numbers')).toBe(2)
    expect(await end()).toMatchObject({ start: 0, highWatermark: 0 })
    // Of a client that had gone to the broker itself nothing would be seen.
    expect(count('ListOffsets')).toBeGreaterThanOrEqual(3)
  })

  it.each(['refuse', 'spoil', 'tear'] as const)('%s: the client meets the error, and goes on', async kind => {
    await end()
    const before = count('ListOffsets')
    once('ListOffsets', { kind, code: ErrorCode.NOT_LEADER_OR_FOLLOWER })
    expect(await end()).toMatchObject({ highWatermark: 0 })
    expect(count('ListOffsets')).toBeGreaterThan(before + 3)
  })

  it.each(['before', 'after'] as const)('%s: the stroke falls there, and the connection ends', async kind => {
    await end()
    let strokes = 0
    const strike = () => {
      strokes++
    }
    once('ListOffsets', { kind, strike })
    expect(await end()).toMatchObject({ highWatermark: 0 })
    expect(strokes).toBe(1)
  })
})
