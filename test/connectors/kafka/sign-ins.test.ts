import { ConnectionError, LinkRefused } from '../../../src/connectors/kafka/wire/kafka-errors'
import { SignIns } from '../../../src/connectors/kafka/wire/sign-ins'

const at = 'broker:9092'

/** A broker that answers when it is told to, and counts who asked. */
function door() {
  const asking: { accept(): void; refuse(error: Error): void }[] = []
  return {
    asking,
    open: () => new Promise<string>((accept, refuse) => asking.push({ accept: () => accept('connection'), refuse })),
  }
}
const refused = new LinkRefused('refused')
const gone = new ConnectionError('gone', false, undefined)
const settle = () => new Promise(done => setImmediate(done))

let signIns: SignIns
let nowMs: number
beforeEach(() => {
  signIns = SignIns.of({ brokers: [at], clientId: 'c' })
  nowMs = 0
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs)
})
afterEach(() => jest.restoreAllMocks())

test('copies of one configuration share what is known, other ones do not', () => {
  const sasl = { mechanism: 'plain', username: 'u', password: 'p' } as const
  const config = { brokers: [at], clientId: 'c', sasl }
  expect(SignIns.of({ ...config, clientId: 'd' })).toBe(SignIns.of(config))
  expect(SignIns.of({ ...config, sasl: { ...sasl } })).not.toBe(SignIns.of(config))
  const ssl = { ca: 'ca' }
  expect(SignIns.of({ brokers: [at], clientId: 'c', ssl })).toBe(SignIns.of({ brokers: [], clientId: 'd', ssl }))
  const plain = { brokers: [at], clientId: 'c', ssl: true }
  expect(SignIns.of(plain)).not.toBe(SignIns.of(plain))
})

test('ten connections at once are one refusal, which all of them hear', async () => {
  const { asking, open } = door()
  const all = Promise.allSettled(Array.from({ length: 10 }, () => signIns.open(at, open)))
  await settle()
  expect(asking).toHaveLength(1)
  asking[0]?.refuse(refused)
  expect(await all).toEqual(Array.from({ length: 10 }, () => ({ status: 'rejected', reason: refused })))
  nowMs = 4_999
  await expect(signIns.open(at, open)).rejects.toBe(refused)
  expect(asking).toHaveLength(1)
})

test('after the pause one asks for all', async () => {
  const { asking, open } = door()
  const first = signIns.open(at, open)
  asking[0]?.refuse(refused)
  await expect(first).rejects.toBe(refused)
  nowMs = 5_000
  const all = Promise.allSettled(Array.from({ length: 3 }, () => signIns.open(at, open)))
  await settle()
  expect(asking).toHaveLength(2)
  asking[1]?.accept()
  await settle()
  expect(asking).toHaveLength(4)
  asking[2]?.accept()
  asking[3]?.accept()
  expect(await all).toEqual(Array.from({ length: 3 }, () => ({ status: 'fulfilled', value: 'connection' })))
})

test('once a broker has taken the settings nobody waits, until a connection to it ends', async () => {
  const { asking, open } = door()
  const first = signIns.open(at, open)
  asking[0]?.accept()
  await first
  for (let n = 0; n < 3; n++) void signIns.open(at, open)
  expect(asking).toHaveLength(4)
  signIns.ended(at)
  for (let n = 0; n < 3; n++) void signIns.open(at, open)
  await settle()
  expect(asking).toHaveLength(5)
})

test('a broker that is not there is asked again at once, and another broker meanwhile', async () => {
  const { asking, open } = door()
  const all = Promise.allSettled([signIns.open(at, open), signIns.open(at, open)])
  void signIns.open('other:9092', open)
  await settle()
  expect(asking).toHaveLength(2)
  asking[0]?.refuse(gone)
  expect(await all).toEqual(Array.from({ length: 2 }, () => ({ status: 'rejected', reason: gone })))
  void signIns.open(at, open)
  expect(asking).toHaveLength(3)
})
