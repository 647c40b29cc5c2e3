import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { Connection } from '../../src/dashboard/server/live/connection'
import type { Feed } from '../../src/dashboard/server/live/feed'
import { silentLog } from '../../src/log'
import { UsageError } from '../../src/ops/errors'

/** A socket whose network takes a message when the test says so. */
class SlowSocket extends EventEmitter {
  bufferedAmount = 0
  readonly sent: (string | Buffer)[] = []
  isTerminated = false
  private waiting: (() => void)[] = []

  send(data: string | Buffer, more?: { readonly binary?: boolean } | (() => void), done?: () => void): void {
    this.sent.push(data)
    const sent = typeof more === 'function' ? more : done
    if (sent !== undefined) this.waiting.push(sent)
  }
  drain(): void {
    for (const sent of this.waiting.splice(0)) sent()
  }
  ping(): void {}
  close(): void {}
  terminate(): void {
    this.isTerminated = true
  }
  hear(message: object | string): void {
    this.emit('message', typeof message === 'string' ? message : JSON.stringify(message), false)
  }
  get json(): any[] {
    return this.sent.map(each => JSON.parse(String(each)))
  }
}

/** A feed whose newest is a counter. */
function counter() {
  const feeds: { changed: () => void; failed: (error: unknown) => void; closed: number; at: number }[] = []
  const open = (_: unknown, changed: () => void, failed: (error: unknown) => void): Feed => {
    const own = { changed, failed, closed: 0, at: 0 }
    feeds.push(own)
    return { take: () => ({ at: own.at }), close: () => void own.closed++ }
  }
  return { feeds, open }
}

function connect(open: (to: any, changed: () => void, failed: (error: unknown) => void) => Feed) {
  const socket = new SlowSocket()
  const connection = new Connection(socket as unknown as WebSocket, { open, log: silentLog, outages: () => [] })
  return { socket, connection }
}
const subscribe = (id: number) => ({ do: 'subscribe', id, to: { kind: 'status' } })

test('what the network has not taken is replaced, never queued', () => {
  const { feeds, open } = counter()
  const { socket } = connect(open)
  socket.hear(subscribe(1))
  const [feed] = feeds as [(typeof feeds)[0]]
  for (let at = 1; at <= 1_000; at++) {
    feed.at = at
    feed.changed()
  }
  expect(socket.json).toEqual([{ id: 1, kind: 'status', data: { at: 1 } }])
  socket.drain()
  expect(socket.json.slice(1)).toEqual([{ id: 1, kind: 'status', data: { at: 1_000 } }])
  socket.drain()
  expect(socket.sent.length).toBe(2)
})

test('nothing is taken while the socket is full', () => {
  const { feeds, open } = counter()
  const { socket } = connect(open)
  socket.bufferedAmount = 10_000_000
  socket.hear(subscribe(1))
  feeds[0]?.changed()
  expect(socket.sent).toEqual([])
})

test('a hidden page is told nothing, and how things stand when it is back', () => {
  const { feeds, open } = counter()
  const { socket } = connect(open)
  socket.hear({ do: 'hidden', hidden: true })
  socket.hear(subscribe(1))
  const [feed] = feeds as [(typeof feeds)[0]]
  feed.at = 7
  feed.changed()
  expect(socket.sent).toEqual([])
  socket.hear({ do: 'hidden', hidden: false })
  expect(socket.json).toEqual([{ id: 1, kind: 'status', data: { at: 7 } }])
})

test('subscriptions take turns', () => {
  const { feeds, open } = counter()
  const { socket } = connect(open)
  for (const id of [1, 2, 3]) socket.hear(subscribe(id))
  for (const feed of feeds) feed.changed()
  for (let i = 0; i < 5; i++) {
    for (const feed of feeds) feed.changed()
    socket.drain()
  }
  expect(socket.json.map(each => each.id)).toEqual([1, 2, 3, 1, 2, 3])
})

test('a frame has the number of its subscription before it', () => {
  const { socket } = connect((_, changed) => {
    changed()
    return { take: () => new Uint8Array([9, 8]), close: () => {} }
  })
  socket.hear({ do: 'subscribe', id: 258, to: { kind: 'frames', view: 'fleet' } })
  expect(socket.sent).toEqual([Buffer.from([2, 1, 0, 0, 9, 8])])
})

test('what is no message is answered, and the connection goes on', () => {
  const { open } = counter()
  const { socket } = connect(open)
  socket.hear('{')
  socket.hear({ do: 'dance' })
  socket.hear({ do: 'subscribe', id: 1, to: { kind: 'tail' } })
  expect(socket.json.map(each => [each.id, each.kind, each.data.code])).toEqual(
    Array.from({ length: 3 }, () => [0, 'problem', 'bad-input']),
  )
  socket.hear(subscribe(1))
  expect(socket.isTerminated).toBe(false)
})

test('a subscription that fails is over, with its reason', () => {
  const { feeds, open } = counter()
  const { socket } = connect(open)
  socket.hear(subscribe(1))
  feeds[0]?.failed(new UsageError('no such topic'))
  expect(socket.json).toMatchObject([{ id: 1, kind: 'problem', data: { code: 'bad-input', what: 'no such topic' } }])
  expect(feeds[0]?.closed).toBe(1)
  feeds[0]?.changed()
  expect(socket.sent.length).toBe(1)
})

test('feeds are closed once: when they are unsubscribed, replaced, or the connection ends', () => {
  const { feeds, open } = counter()
  const { socket, connection } = connect(open)
  for (const id of [1, 2, 3]) socket.hear(subscribe(id))
  socket.hear({ do: 'unsubscribe', id: 1 })
  socket.hear(subscribe(2))
  socket.emit('close')
  connection.close()
  expect(feeds.map(each => each.closed)).toEqual([1, 1, 1, 1])
})

test('a client has so many subscriptions and no more', () => {
  const { feeds, open } = counter()
  const { socket } = connect(open)
  for (let id = 1; id <= 100; id++) socket.hear(subscribe(id))
  expect(feeds.length).toBe(64)
  expect(socket.json.filter(each => each.data.code === 'too-many').length).toBe(36)
})

test('all subscriptions together keep to 60 kB a second, and what is small does not wait behind what is large', () => {
  jest.useFakeTimers()
  try {
    const feeds: { changed: () => void; bytes: number }[] = []
    const open = (_: unknown, changed: () => void): Feed => {
      const own = { changed, bytes: 30_000 }
      feeds.push(own)
      return { take: () => ({ text: 'x'.repeat(own.bytes) }), close: () => {} }
    }
    const { socket, connection } = connect(open)
    for (const id of [1, 2, 3]) socket.hear(subscribe(id))
    for (const feed of feeds) feed.changed()
    const small = feeds[2] as (typeof feeds)[0]
    small.bytes = 100
    const before: number[] = []
    for (let ms = 0; ms < 20_000; ms += 50) {
      socket.drain()
      for (const feed of feeds) feed.changed()
      if (ms === 10_000) before.push(socket.sent.length)
      jest.advanceTimersByTime(50)
    }
    const sizes = socket.sent.map(each => Buffer.byteLength(each))
    const large = sizes.filter(bytes => bytes > 2_048)
    expect(sizes.reduce((sum, each) => sum + each, 0) / 20).toBeLessThan(60_000)
    expect(large.length).toBeGreaterThan(15)
    // Every 50 ms.
    expect(sizes.slice(before[0]).filter(bytes => bytes < 2_048).length).toBeGreaterThan(150)
    connection.close()
  } finally {
    jest.useRealTimers()
  }
})
