import { bytesOf, checkPartition, noLimits, OutputChecks, UnknownTopic } from '../../src/engine/task/output-topics'
import { escapeTimes, timeHeader, unescapeTimes } from '../../src/engine/task/time-report'
import { TopicBook } from '../../src/engine/worker/topic-book'

const record = (over: object = {}) => ({
  key: Buffer.from('k'),
  value: Buffer.from('value'),
  timestamp: 1_000,
  ...over,
})

test('a record larger than its topic takes is refused, its headers counted', () => {
  const checks = new OutputChecks({ now: () => 1_000 })
  const limits = { ...noLimits, maxBytes: 200 }
  checks.check('out', limits, record())
  expect(() => checks.check('out', limits, record({ value: Buffer.alloc(200) }))).toThrow(
    'the result for topic out has 269 bytes, more than its max.message.bytes 200',
  )
  expect(() => checks.check('out', limits, record({ headers: { h: Buffer.alloc(200) } }))).toThrow('max.message.bytes')
})

test('a record has the bytes of its key, its value and its headers, each with two for its lengths, however they are held', () => {
  const headers = { ab: Buffer.alloc(3), c: Buffer.alloc(0) }
  expect(bytesOf({ key: null, value: null, timestamp: 0 })).toBe(0)
  expect(bytesOf(record())).toBe(1 + 5)
  expect(bytesOf(record({ headers }))).toBe(6 + (2 + 2 + 3) + (2 + 1))
  expect(bytesOf(record({ headerList: [...Object.entries(headers), ['d', null]] }))).toBe(6 + 7 + 3 + 3)
})

test('timestamps have the bounds of their topic, a day more where the clocks of two machines may differ', () => {
  const day = 86_400_000
  let now = 10 * day
  const checks = new OutputChecks({ now: () => now })
  const limits = { ...noLimits, beforeMs: 100, afterMs: 50 }
  const [first, last] = [now - 100 - day, now + 50 + day]
  for (const timestamp of [first, last]) checks.check('out', limits, record({ timestamp }))
  expect(() => checks.check('out', limits, record({ timestamp: last + 1 }))).toThrow(
    `timestamp ${last + 1}, 86400051 ms after now, more than its message.timestamp.after.max.ms 50`,
  )
  now++
  checks.check('out', limits, record({ timestamp: last + 1 }))
  expect(() => checks.check('out', limits, record({ timestamp: first }))).toThrow('message.timestamp.before.max.ms 100')
})

test.each([Number.NaN, -1, 1.5, 2, Number.POSITIVE_INFINITY, '1' as never])('partition %p is none', partition => {
  expect(() => checkPartition('out', partition, 2)).toThrow('0 to 1')
})

test.each(['weir.time', '~weir.time', '~~weir.time'])("an author's header %s is written under another name", name => {
  const headers = { [name]: Buffer.from('x'), other: Buffer.from('y') }
  const written = escapeTimes(headers)
  expect(Object.keys(written)).not.toContain(timeHeader)
  expect(unescapeTimes(written)).toEqual(headers)
})

test('other headers are handed on as they are', () => {
  for (const headers of [{}, { 'x-weir.time': Buffer.from('x') }, { 'weir.time.of': Buffer.from('x') }]) {
    expect(escapeTimes(headers)).toBe(headers)
    expect(unescapeTimes(headers)).toBe(headers)
  }
})

describe('topics that records choose', () => {
  function scene(there: Record<string, number>) {
    let now = 100_000
    let looks = 0
    const forbidden = new Set<string>()
    const broker = {
      unwritable: async (names: readonly string[]) => new Set(names.filter(topic => forbidden.has(topic))),
      partitionCounts: async (names?: readonly string[]) => {
        if (names === undefined) looks++
        else if (names.some(topic => forbidden.has(topic))) throw new Error('TOPIC_AUTHORIZATION_FAILED')
        return new Map(Object.entries(there).filter(([topic]) => names?.includes(topic) ?? true))
      },
      topicConfigs: async (topics: readonly string[]) =>
        new Map(topics.map(topic => [topic, new Map([['max.message.bytes', '100']])])),
    }
    const book = new TopicBook('app', broker, { monotonic: () => now }, () => new Map([['out', 3]]))
    return { book, there, forbidden, pass: (ms: number) => (now += ms), looks: () => looks }
  }

  test('are looked for at the first record, and their settings with them', async () => {
    const { book } = scene({ chosen: 4 })
    expect(book.find('out').partitions).toBe(3)
    for (const own of ['__consumer_offsets', '__transaction_state'])
      expect(() => book.find(own, true)).toThrow(`the step chose the topic ${own}, which is Kafka's own`)
    expect(() => book.find('chosen')).toThrow(UnknownTopic)
    await book.look()
    expect(book.find('chosen')).toMatchObject({ partitions: 4, limits: { maxBytes: 100 } })
  })

  test('are refused where there is none, after one look for any number of names', async () => {
    const { book, looks } = scene({})
    expect(() => book.find('none')).toThrow(UnknownTopic)
    await book.look()
    for (let i = 0; i < 100; i++) expect(() => book.find(`none-${i}`)).toThrow("which doesn't exist; create it")
    expect(() => book.find('none')).toThrow("which doesn't exist")
    expect(looks()).toBe(1)
  })

  test('are refused however long it takes from the look to the record, and looked for again by a later one', async () => {
    const { book, there, pass } = scene({})
    expect(() => book.find('later')).toThrow(UnknownTopic)
    await book.look()
    pass(60_000)
    expect(() => book.find('later')).toThrow("which doesn't exist")
    there.later = 2
    expect(() => book.find('later')).toThrow(UnknownTopic)
    await book.look()
    expect(book.find('later').partitions).toBe(2)
  })

  test('that are deleted are refused as those that never were, from the next look on', async () => {
    const { book, there, pass } = scene({ chosen: 4 })
    expect(() => book.find('chosen')).toThrow(UnknownTopic)
    await book.look()
    expect(book.find('chosen').partitions).toBe(4)
    delete there.chosen
    pass(60_000)
    await book.look()
    expect(() => book.find('chosen')).toThrow(UnknownTopic)
    await book.look()
    expect(() => book.find('chosen')).toThrow("which doesn't exist")
  })

  test('are refused where the user may not write, whether that is found by a look or by a write, until it may', async () => {
    const { book, forbidden, pass } = scene({ first: 1, second: 2 })
    forbidden.add('first').add('second')
    const refusal = (topic: string) => `the step chose topic ${topic}, which this user may not write to`
    expect(() => book.find('first')).toThrow(UnknownTopic)
    await book.look()
    expect(() => book.find('first')).toThrow(refusal('first'))
    // The look was for another: the broker refuses what is written, the tasks are rolled back, and each attempt begins with a look.
    expect(book.find('second').partitions).toBe(2)
    await book.look()
    for (const topic of ['second', 'first']) expect(() => book.find(topic)).toThrow(refusal(topic))
    forbidden.clear()
    pass(60_000)
    // A look's answer counts once, however late its record comes back.
    expect(() => book.find('first')).toThrow(refusal('first'))
    for (const topic of ['first', 'second']) expect(() => book.find(topic)).toThrow(UnknownTopic)
    await book.look()
    for (const topic of ['first', 'second']) expect(book.find(topic).partitions).toBeGreaterThan(0)
  })

  test('that have grown are written to in all their partitions from the next look on', async () => {
    const { book, there } = scene({ chosen: 4 })
    expect(() => book.find('chosen')).toThrow(UnknownTopic)
    await book.look()
    there.chosen = 8
    await book.look()
    expect(book.find('chosen')).toMatchObject({ partitions: 8, limits: { maxBytes: 100 } })
  })

  test.each(['', '..', 'no such topic', 'x'.repeat(250), undefined as never, 'app-counts-changelog'])(
    'are refused at once when called %p',
    async topic => {
      const { book, looks } = scene({ 'app-counts-changelog': 1 })
      expect(() => book.find(topic)).toThrow('the step chose the topic')
      await book.look()
      expect(looks()).toBe(0)
    },
  )
})
