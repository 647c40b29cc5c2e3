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

/** A broker that takes connections, and messages as long as `answers` says so. */
async function broker(answers: () => boolean) {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => {}))
    socket.on('data', bytes => {
      const [type = 0] = bytes
      if (type >> 4 === 1) socket.write(Buffer.from('2003000000', 'hex'))
      if (type >> 4 !== 3) return
      server.emit('publish')
      const id = 4 + bytes.readUInt16BE(2)
      if (answers()) socket.write(Buffer.concat([Buffer.from('4002', 'hex'), bytes.subarray(id, id + 2)]))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { server, close, url: `mqtt://127.0.0.1:${port}` }
}

describe.each([
  ['before it has taken the mark', false],
  ['while it should take the mark back', true],
])('a broker that falls silent %s', (_, isMarked) => {
  test('holds up no release', async () => {
    let isSilent = !isMarked
    const { server, close, url } = await broker(() => !isSilent)
    const sink = createMqttSink([], { url, application: 'a', timeoutMs: 600_000 })
    const at = { task: '0_0', topic: 't', partition: 0, topicId: 'x', offset: 0, endOffset: 0 }
    const published = once(server, 'publish')
    const opened = sink.open([at]).catch(error => error)
    await published
    if (isMarked) expect(await opened).toEqual([0])
    isSilent = true
    await sink.release(['0_0'])
    if (!isMarked) expect(await opened).toMatchObject({ name: 'SinkError' })
    await sink.close()
    close()
  })
})
