import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createMqttSink } from '../../../src/connectors/mqtt/mqtt-sink'
import { UnavailableError } from '../../../src/errors'

test('a task is released at once while a broker that says nothing is connected to', async () => {
  const sockets: Socket[] = []
  const server = createServer(socket => void sockets.push(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // Longer than a test may take: the attempt doesn't end by itself.
  const sink = createMqttSink([], { url: `mqtt://127.0.0.1:${port}`, application: 'a', timeoutMs: 600_000 })
  const at = { task: '0_0', topic: 't', partition: 0, topicId: 'x', offset: 0, endOffset: 0 }
  const opened = expect(sink.open([at])).rejects.toThrow(UnavailableError)
  await once(server, 'connection')
  await sink.release(['0_0'])
  await opened
  await sink.close()
  for (const socket of sockets) socket.destroy()
  server.close()
})
