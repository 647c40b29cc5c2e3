import fc from 'fast-check'
import { CorrelationIds } from '../../src/connectors/requests/correlation-ids'
import { repliedTo, requestHeaders } from '../../src/connectors/requests/request-headers'
import { Requester } from '../../src/connectors/requests/requester'
import { type Handler, Responder } from '../../src/connectors/requests/responder'
import { NoReplyError, RefusalError, StreamError, UnavailableError } from '../../src/errors'
import { MemoryBroker } from './memory-broker'

const nothing = () => {}
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
const nowMs = () => Date.now()
const bytes = (text: string) => Buffer.from(text)
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const until = async (isSo: () => boolean) => {
  while (!isSo()) await pause(1)
}

const closing: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close()
})

const broker = (partitions = 3, replies = 1) => new MemoryBroker({ asks: partitions, replies })

async function requester(kafka: MemoryBroker): Promise<Requester> {
  const opened = await Requester.open({ broker: kafka, requestTopic: 'asks', replyTopic: 'replies', nowMs })
  closing.push(opened)
  return opened
}

function responder(kafka: MemoryBroker, handle: Handler, clock = nowMs): Responder {
  const made = new Responder({ broker: kafka, topic: 'asks', replyTopics: ['replies'], handle, nowMs: clock, log })
  made.assign([0, 1, 2])
  closing.push(made)
  return made
}

const echo: Handler = ({ value }) => value && bytes(`${value}!`)

describe('correlation ids', () => {
  test('are unix microseconds, unique and rising whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_009 })), times => {
        let now = 0
        const ids = new CorrelationIds(() => now)
        let last = 0
        for (const time of times) {
          now = time
          const id = Number(ids.next())
          expect(id).toBe(Math.max(time * 1000, last + 1))
          last = id
        }
      }),
    )
  })
})

describe('requests and replies', () => {
  test('many requests in flight of several requesters that share a partition each get their own reply', async () => {
    const kafka = broker()
    const { counts } = responder(kafka, async request => {
      await pause(Math.random() * 5)
      return echo(request)
    })
    const asking = await Promise.all([1, 2, 3].map(() => requester(kafka)))
    const replies = await Promise.all(
      asking.flatMap((each, i) =>
        Array.from({ length: 100 }, async (_, n) => [
          `${i}-${n}!`,
          `${await each.request(bytes(`${i}-${n}`), { key: bytes(`${n}`) })}`,
        ]),
      ),
    )
    for (const [expected, reply] of replies) expect(reply).toBe(expected)
    expect(counts.answered).toBe(300)
    for (const { counts: own } of asking)
      expect(own).toEqual({ sent: 100, answered: 100, timedOut: 0, late: 0, duplicates: 0 })
  })

  describe('an address that nobody may be answered at', () => {
    const asked = (replyTo: { topic: string; partition: number }, id = '1') => ({
      key: null,
      value: bytes('x'),
      timestamp: Date.now(),
      headers: requestHeaders({ id, requester: 'mallory', replyTo, timeoutMs: 10_000 }),
    })

    test.each([
      ['a topic that is not one of answers', { topic: 'sensor_data', partition: 0 }],
      ['a partition that there is not', { topic: 'replies', partition: 1 }],
      ['no number of a partition', { topic: 'replies', partition: 1e10 }],
    ])('%s gets no answer, and others get theirs', async (_what, replyTo) => {
      const kafka = new MemoryBroker({ asks: 3, replies: 1, sensor_data: 1 })
      const { counts } = responder(kafka, echo)
      const asking = await requester(kafka)
      kafka.write({ topic: 'asks', partition: 0 }, asked(replyTo))
      expect(`${await asking.request(bytes('y'), { partition: 0 })}`).toBe('y!')
      expect(kafka.log({ topic: 'sensor_data', partition: 0 })).toEqual([])
      expect(counts).toMatchObject({ answered: 1, overloaded: 0, unaddressed: replyTo.partition === 1e10 ? 0 : 1 })
    })

    test('one that takes nothing holds up nobody else, and is sent only so much', async () => {
      const kafka = new MemoryBroker({ asks: 3, replies: 2 })
      let release = () => {}
      const held = new Promise<void>(resolve => {
        release = resolve
      })
      kafka.beforeSend = (_topic, partition) => (partition === 1 ? held : undefined)
      const { counts } = responder(kafka, echo)
      kafka.partitionOf = () => 0
      const asking = await requester(kafka)
      for (let i = 0; i < 1_500; i++)
        kafka.write({ topic: 'asks', partition: 0 }, asked({ topic: 'replies', partition: 1 }, String(i)))
      expect(`${await asking.request(bytes('y'), { partition: 0 })}`).toBe('y!')
      expect(counts.overloaded).toBe(500)
      release()
      await until(() => kafka.log({ topic: 'replies', partition: 1 }).length === 1_000)
    })
  })

  test('a refusal is a reply', async () => {
    const kafka = broker()
    responder(kafka, ({ value }) => {
      throw new StreamError(`no ${value}`)
    })
    const failure = await (await requester(kafka)).request(bytes('tea')).catch(error => error)
    expect(failure).toBeInstanceOf(RefusalError)
    expect([failure.message, failure.reason]).toEqual(['no tea', 'StreamError'])
  })

  test('a lost reply is a timeout that says where nobody answered, and the next request goes on', async () => {
    const kafka = broker()
    responder(kafka, echo)
    const asking = await requester(kafka)
    kafka.onWrite = topic => topic !== 'replies'
    const failure = await asking.request(bytes('x'), { partition: 2, timeoutMs: 50 }).catch(error => error)
    expect(failure).toBeInstanceOf(NoReplyError)
    expect([failure.message, failure.at]).toEqual(['asks/2: no reply within 50 ms', { topic: 'asks', partition: 2 }])
    kafka.onWrite = () => true
    expect(`${await asking.request(bytes('y'))}`).toBe('y!')
    expect([asking.pending, asking.counts.timedOut]).toEqual([0, 1])
  })

  test('a late reply and a second one are dropped, and counted', async () => {
    const kafka = broker()
    const asking = await requester(kafka)
    let answer = () => {}
    const givenUp = new Promise<void>(resolve => {
      answer = resolve
    })
    const [slow, other] = [
      // On a clock that stands still no request is too old to be answered.
      responder(
        kafka,
        async request => {
          if (`${request.value}` === 'slow') await givenUp
          return echo(request)
        },
        () => 0,
      ),
      responder(kafka, ({ value }) => (`${value}` === 'slow' ? undefined : value && bytes(`${value}!`))),
    ]
    expect(`${await asking.request(bytes('both'))}`).toBe('both!')
    await expect(asking.request(bytes('slow'), { timeoutMs: 30 })).rejects.toThrow(NoReplyError)
    answer()
    await until(() => asking.counts.late + asking.counts.duplicates === 2)
    expect([slow.counts.answered, other.counts.answered]).toEqual([2, 1])
    expect(asking.counts).toEqual({ sent: 2, answered: 1, timedOut: 1, late: 1, duplicates: 1 })
  })

  test('a request sent while nobody answers is answered by who takes over; one that nobody waits for is not', async () => {
    const kafka = broker()
    const first = responder(kafka, echo)
    const asking = await requester(kafka)
    await asking.request(bytes('before'))
    first.assign([])
    const forgotten = asking.request(bytes('forgotten'), { timeoutMs: 20 }).catch(error => error.name)
    const waiting = asking.request(bytes('waiting'))
    expect(await forgotten).toBe('NoReplyError')
    // A timer may be early by a millisecond of the wall clock.
    await pause(20)
    const second = responder(kafka, echo)
    expect(`${await waiting}`).toBe('waiting!')
    // It doesn't know that the first one has answered the first request.
    expect(second.counts).toMatchObject({ answered: 2, refused: 0, expired: 1 })
    await pause(5)
    expect(asking.counts.duplicates).toBe(1)
    // Who gets a partition back goes on where it stood.
    second.assign([])
    const { answered } = second.counts
    second.assign([0])
    await asking.request(bytes('again'))
    expect(second.counts.answered).toBe(answered + 1)
  })

  test('what is no request is passed over', async () => {
    const kafka = broker()
    kafka.write({ topic: 'asks', partition: 0 }, { key: null, value: bytes('x'), timestamp: nowMs() })
    kafka.write(
      { topic: 'replies', partition: 0 },
      { key: bytes('stranger'), value: bytes('x'), timestamp: nowMs(), headers: {} },
    )
    const { counts } = responder(kafka, echo)
    const asking = await requester(kafka)
    expect(`${await asking.request(bytes('y'))}`).toBe('y!')
    expect(counts).toMatchObject({ answered: 1, refused: 0, expired: 0, unaddressed: 0 })
  })

  test('closed, a requester rejects what is in flight and what comes', async () => {
    const asking = await requester(broker())
    const waiting = asking.request(bytes('x'))
    const rejected = expect(waiting).rejects.toThrow(/asks: the requester was closed/)
    await asking.close()
    await rejected
    await expect(asking.request(bytes('y'))).rejects.toThrow(UnavailableError)
  })

  test('what can not be sent is rejected, with the reason', async () => {
    const kafka = broker()
    const asking = await requester(kafka)
    kafka.failing = new UnavailableError('Kafka is away')
    await expect(asking.request(bytes('x'))).rejects.toThrow('Kafka is away')
    expect(asking.pending).toBe(0)
  })

  test('what can not be is refused at once', async () => {
    const kafka = broker()
    const asking = await requester(kafka)
    expect(() => asking.request(null, { timeoutMs: 61_000 })).toThrow(/60000 ms, not 61000/)
    expect(() => asking.request(null, { partition: 3 })).toThrow(/3 partitions, there is no partition 3/)
    const open = Requester.open({ broker: kafka, requestTopic: 'asks', replyTopic: 'none', nowMs })
    await expect(open).rejects.toThrow(/topic none doesn't exist/)
    expect(repliedTo(undefined)).toEqual({ id: '' })
  })
})
