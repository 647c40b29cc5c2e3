import { createServer, type Server, type Socket } from 'node:net'
import { version } from 'kafkajs/package.json'
import { ByteReader } from '../../../src/connectors/kafka/protocol/byte-reader'
import { ByteWriter } from '../../../src/connectors/kafka/protocol/byte-writer'
import { findCoordinator } from '../../../src/connectors/kafka/protocol/find-coordinator'
import { metadata } from '../../../src/connectors/kafka/protocol/metadata'
import { createLogger } from '../../../src/connectors/kafka/wire/kafkajs-connection'
import { Wire } from '../../../src/connectors/kafka/wire/wire'

/** What a request's header says, and the body behind it. */
interface Request {
  readonly key: number
  readonly version: number
  readonly correlationId: number
  readonly clientId: string
  readonly body: Buffer
}

const servers: Server[] = []
const sockets: Socket[] = []
const wires: Wire[] = []

afterEach(async () => {
  await Promise.all(wires.splice(0).map(wire => wire.close()))
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map(server => new Promise(resolve => server.close(resolve))))
})

/** A broker of one connection's bytes: `answer` gives the body of each answer, or undefined for silence. */
async function broker(answer: (request: Request) => Buffer | undefined): Promise<Wire> {
  const server = createServer(socket => {
    sockets.push(socket)
    let received = Buffer.alloc(0)
    socket.on('data', data => {
      received = Buffer.concat([received, data])
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const from = new ByteReader(received.subarray(4, 4 + received.readInt32BE(0)))
        received = received.subarray(4 + received.readInt32BE(0))
        const head = { key: from.int16(), version: from.int16(), correlationId: from.int32(), clientId: from.string() }
        const body = answer({ ...head, body: from.buffer.subarray(from.offset) })
        if (body === undefined) continue
        socket.write(
          new ByteWriter()
            .int32(4 + body.length)
            .int32(head.correlationId)
            .raw(body).buffer,
        )
      }
    })
  })
  servers.push(server)
  const port = await new Promise<number>(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const wire = new Wire(
    { brokers: [], clientId: 'tester' },
    createLogger(() => undefined),
    '127.0.0.1',
    port,
  )
  wires.push(wire)
  return wire
}

const API_VERSIONS = 18
const versions = () => {
  const to = new ByteWriter().int16(0)
  to.array([3, 10, 36], key => to.int16(key).int16(0).int16(12))
  return to.int32(0).buffer
}

test('kafkajs is the version that weir was written for', () => {
  expect(version).toBe('2.2.4')
})

test('a request is what the protocol asks for, and its answer is read', async () => {
  const seen: Request[] = []
  const wire = await broker(request => {
    seen.push(request)
    if (request.key === API_VERSIONS) return versions()
    return new ByteWriter().int32(0).int16(0).string(null).int32(7).string('kafka-7').int32(9092).buffer
  })
  const found = await wire.send(findCoordinator('group', 'app'))
  expect(found).toEqual({ errorCode: 0, nodeId: 7, host: 'kafka-7', port: 9092 })
  expect(wire.versions[36]).toEqual({ minVersion: 0, maxVersion: 12 })
  const [first, second] = seen
  expect([first?.key, first?.version, first?.clientId]).toEqual([API_VERSIONS, 2, 'tester'])
  expect([second?.key, second?.version, second?.clientId]).toEqual([10, 2, 'tester'])
  expect(second?.body).toEqual(new ByteWriter().string('app').int8(0).buffer)
})

test("a flexible request's header ends with its tagged fields, an answer's too", async () => {
  let body: Buffer | undefined
  const wire = await broker(request => {
    if (request.key === API_VERSIONS) return versions()
    body = request.body
    return new ByteWriter().noTags().int32(0).uvarint(1).compactString('cluster').int32(7).uvarint(1).noTags().buffer
  })
  expect(await wire.send(metadata(null))).toEqual({ brokers: [], clusterId: 'cluster', controllerId: 7, topics: [] })
  expect(body).toEqual(new ByteWriter().noTags().uvarint(0).boolean(false).boolean(false).noTags().buffer)
})

test('silence ends with the timeout of the request, as a connection that may have carried it out', async () => {
  const wire = await broker(request => (request.key === API_VERSIONS ? versions() : undefined))
  await expect(wire.send(findCoordinator('group', 'app'), 50)).rejects.toMatchObject({ sent: true })
})

test('what is under way when the client is closed is rejected', async () => {
  let arrived = () => {}
  const arrival = new Promise<void>(resolve => {
    arrived = resolve
  })
  const wire = await broker(request => {
    if (request.key === API_VERSIONS) return versions()
    arrived()
    return undefined
  })
  const sent = expect(wire.send(findCoordinator('group', 'app'))).rejects.toThrow('the client was closed')
  await arrival
  await wire.close()
  await sent
})

test('the logger hands over entries with their namespace and message', () => {
  const entries: unknown[] = []
  createLogger(({ namespace, log: { message } }) => entries.push([namespace, message]))
    .namespace('Connection')
    .error('x')
  expect(entries).toEqual([['Connection', 'x']])
})

test('an open connection plans nothing but the look at requests that take too long', async () => {
  const plan = jest.spyOn(globalThis, 'setTimeout')
  try {
    const wire = await broker(request => {
      if (request.key === API_VERSIONS) return versions()
      return new ByteWriter().int32(0).int16(0).string(null).int32(7).string('kafka-7').int32(9092).buffer
    })
    await wire.send(findCoordinator('group', 'app'))
    // What kafkajs would do: a timer for 1 ms, which plans the next one, as long as the connection is open.
    expect(plan.mock.calls.filter(([, ms = 0]) => ms < 1_000).map(([, ms]) => ms)).toEqual([])
  } finally {
    plan.mockRestore()
  }
})

test('a request is rejected at whatever moment of its making the client is closed', async () => {
  for (let steps = 0; steps < 20; steps++) {
    const wire = await broker(({ key }) => {
      if (key === API_VERSIONS) return versions()
      return new ByteWriter().int32(0).int16(0).string(null).int32(7).string('kafka-7').int32(9092).buffer
    })
    await wire.send(findCoordinator('group', 'app'))
    const ended = wire.send(findCoordinator('group', 'other')).then(
      () => 'answered',
      () => 'rejected',
    )
    for (let step = 0; step < steps; step++) await Promise.resolve()
    const closed = wire.close()
    expect([steps, await ended]).toEqual([steps, 'rejected'])
    await closed
  }
})

test('what is sent after the broker has closed the connection has another one, however many send at once', async () => {
  const seen: number[] = []
  const wire = await broker(({ key }) => {
    seen.push(key)
    if (key === API_VERSIONS) return versions()
    return new ByteWriter().int32(0).int16(0).string(null).int32(7).string('kafka-7').int32(9092).buffer
  })
  const ask = () => wire.send(findCoordinator('group', 'app'))
  await ask()
  // Closed here once the client has read the end, and closed it there.
  const [socket] = sockets
  const closed = new Promise(resolve => socket?.once('close', resolve))
  socket?.end()
  await closed
  expect(await Promise.all([ask(), ask()])).toMatchObject([{ nodeId: 7 }, { nodeId: 7 }])
  expect(seen).toEqual([API_VERSIONS, 10, API_VERSIONS, 10, 10])
})
