import { EventEmitter } from 'node:events'
import type { VirtualSocket } from './virtual-network'
import { VirtualStream } from './virtual-stream'

function connected() {
  const told: string[] = []
  const socket = Object.assign(new EventEmitter(), {
    write: (bytes: Buffer) => void told.push(`sent ${bytes}`),
    end: () => void told.push('ended'),
    destroy: () => void told.push('destroyed'),
  })
  const stream = new VirtualStream(socket as unknown as VirtualSocket)
  for (const event of ['end', 'close'] as const) stream.on(event, () => void told.push(event))
  stream.on('data', bytes => void told.push(`got ${bytes}`))
  stream.on('error', ({ message }) => void told.push(message))
  const closed = new Promise(resolve => stream.once('close', resolve))
  return { socket, stream, told, closed }
}

test('who ends a connection gets what comes until then, and is closed', async () => {
  const { socket, stream, told, closed } = connected()
  stream.write('a')
  socket.emit('data', Buffer.from('b'))
  stream.end()
  await closed
  expect(told).toEqual(['sent a', 'ended', 'got b', 'end', 'destroyed', 'close'])
})

test('a connection that the other end closes is closed', async () => {
  const { socket, told, closed } = connected()
  socket.emit('data', Buffer.from('b'))
  socket.emit('end')
  socket.emit('close')
  await closed
  expect(told.slice(0, 2)).toEqual(['got b', 'end'])
  expect(told.at(-1)).toBe('close')
})

test('a connection that is cut says so', async () => {
  const { socket, told, closed } = connected()
  socket.emit('error', new Error('read ECONNRESET'))
  await closed
  expect(told).toEqual(['destroyed', 'read ECONNRESET', 'close'])
})
