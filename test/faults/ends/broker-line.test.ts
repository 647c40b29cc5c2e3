import { publishFrame } from '../../../src/connectors/mqtt/publish-frame'
import { Kernel } from '../world/kernel'
import { MQTT } from '../world/virtual-network'
import { BrokerLine } from './broker-line'
import type { Fate } from './line'
import { kindOf, PacketScanner } from './mqtt-packets'

const write = (id: number) => publishFrame({ topic: 'live/k1', id, payload: 'x'.repeat(200), version: 4 })
const barrier = publishFrame({ topic: 'weir/simulated/barrier/0_1', id: 3, version: 4 })
const mark = publishFrame({ topic: 'weir/simulated/owner/0_1', id: 4, payload: 'a', retain: true, version: 4 })
const connect = Buffer.from([0x10, 2, 0, 0])
const ping = Buffer.from([0xc0, 0])

test('packets are whole however their bytes come', () => {
  const scanner = new PacketScanner()
  const all = Buffer.concat([write(1), ping, write(2)])
  const found = [...all].flatMap(byte => scanner.push(Buffer.from([byte])))
  expect(found).toEqual([write(1), ping, write(2)])
  expect(new PacketScanner().push(all)).toEqual(found)
})

test.each([
  ['commit', [write(1), barrier]],
  ['write', [write(1), write(2)]],
  ['open', [connect]],
  ['open', [mark]],
  [undefined, [ping]],
] as const)('what packets ask an end for: %s', (kind, packets) => {
  expect(kindOf(packets)).toBe(kind)
})

/** What a broker sees, and what the client gets, of two messages that arrive together; `bytes` are what it answers. */
async function seen(fate: Partial<Fate>) {
  const kernel = new Kernel()
  let arrive: (bytes: Buffer) => void = () => {}
  const [came, told]: [Buffer[], string[]] = [[], []]
  const connection = {
    from: '/w1.1',
    onData: (take: typeof arrive) => {
      arrive = take
    },
    onClose: () => {},
    write: () => void told.push(`answer at ${kernel.time}`),
    close: () => void told.push('closed'),
  }
  const weather = {
    isDown: () => false,
    fate: () => ({ thereMs: 2, backMs: 3, ...fate }),
    reached: (moment: string, client: string) => void told.push(`${client}: ${moment}`),
  }
  const line = new BrokerLine(kernel, connection, weather)
  // As aedes does.
  Object.assign(line, { client: {} })
  line.on('data', (bytes: Buffer) => {
    came.push(bytes)
    line.write('answer')
  })
  kernel.at(0, () => arrive(Buffer.concat([write(1), write(2)])), MQTT)
  await kernel.run(() => false, 1_000, 1_000)
  return { messages: new PacketScanner().push(Buffer.concat(came)).length, told: [...new Set(told)] }
}

test('an answer leaves once what it answers is done, and its way is over', async () => {
  const told = ['w1.1: live write asked', 'w1.1: live write done', 'answer at 5.5']
  expect(await seen({})).toEqual({ messages: 2, told })
})

test('a connection that breaks before its request is handled may have brought a part of it', async () => {
  expect(await seen({ lost: 'before' })).toEqual({ messages: 1, told: ['w1.1: live write asked', 'closed'] })
})

test('a connection that breaks after its request is handled brings no answer', async () => {
  const told = ['w1.1: live write asked', 'w1.1: live write done', 'closed']
  expect(await seen({ lost: 'after' })).toEqual({ messages: 2, told })
})
