import { UnknownTopic } from '../../src/engine/task/output-topics'
import { TopicBook } from '../../src/engine/worker/topic-book'
import { ProcessError } from '../../src/errors'

/** A book of a plan that has `out`, over a cluster that the test sets. */
function scene() {
  const cluster = {
    topics: new Map<string, number>([['out', 3]]),
    planned: new Map<string, number>([['out', 3]]),
    configs: new Map<string, Map<string, string | null>>(),
    forbidden: new Set<string>(),
    all: 0,
    some: [] as (readonly string[])[],
    judged: [] as (readonly string[])[],
    settings: [] as (readonly string[])[],
    onSettings: () => {},
  }
  let nowMs = 0
  const broker = {
    unwritable: async (names: readonly string[]) => {
      cluster.judged.push(names)
      return new Set(names.filter(topic => cluster.forbidden.has(topic)))
    },
    partitionCounts: async (names?: readonly string[]) => {
      if (names === undefined) cluster.all++
      else cluster.some.push(names)
      return new Map([...cluster.topics].filter(([topic]) => names?.includes(topic) ?? true))
    },
    topicConfigs: async (topics: readonly string[], settings: readonly string[]) => {
      cluster.settings.push(settings)
      cluster.onSettings()
      return new Map([...cluster.configs].filter(([topic]) => topics.includes(topic)))
    },
  }
  const book = new TopicBook('app', broker, { monotonic: () => nowMs }, () => cluster.planned)
  const at = (ms: number) => {
    nowMs = ms
  }
  const limits = async (configs: Record<string, string | null>) => {
    cluster.configs.set('out', new Map(Object.entries(configs)))
    await book.look()
    const { maxBytes, beforeMs, afterMs } = book.find('out').limits
    return [maxBytes, beforeMs, afterMs]
  }
  return { cluster, book, at, limits }
}

const none = Number.POSITIVE_INFINITY

describe('what is known of the plan’s topics', () => {
  it('is there before the first look, without limits, and follows the plan', async () => {
    const { cluster, book } = scene()
    expect(book.find('out')).toEqual({ partitions: 3, limits: { maxBytes: none, beforeMs: none, afterMs: none } })
    cluster.planned = new Map([['out', 6]])
    await book.look()
    expect(book.find('out').partitions).toBe(6)
    // No search for what nobody has asked for, and no question about what nobody has chosen.
    expect([cluster.all, cluster.some, cluster.judged]).toEqual([0, [], [[]]])
  })

  it('are their limits, as far as Kafka has some', async () => {
    const { cluster, limits } = scene()
    const longest = '9223372036854775807'
    const [before, after] = ['message.timestamp.before.max.ms', 'message.timestamp.after.max.ms']
    expect(await limits({ 'max.message.bytes': '100', [before]: '5', [after]: '0' })).toEqual([100, 5, 0])
    expect(await limits({ [before]: longest, [after]: longest })).toEqual([none, none, none])
    expect(await limits({ 'max.message.bytes': '-1', [before]: null, [after]: 'soon' })).toEqual([none, none, none])
    const timed = { 'max.message.bytes': '100', [before]: '5', [after]: '6' }
    const type = 'message.timestamp.type'
    expect(await limits({ ...timed, [type]: 'CreateTime' })).toEqual([100, 5, 6])
    // The broker gives the time itself.
    expect(await limits({ ...timed, [type]: 'LogAppendTime' })).toEqual([100, none, none])
    expect(cluster.settings[0]).toEqual(expect.arrayContaining(['max.message.bytes', before, after, type]))
  })

  it('may be weir’s own, which no record may choose', () => {
    const { cluster } = scene()
    cluster.planned.set('app-counts-changelog', 3)
    const book = new TopicBook('app', {} as never, { monotonic: () => 0 }, () => cluster.planned)
    expect(book.find('app-counts-changelog').partitions).toBe(3)
    expect(() => book.find('app-counts-changelog', true)).toThrow("names like it are weir's own")
  })

  it('may be chosen by records too, and keeps its limits while partitions are added', async () => {
    const { cluster, book, limits } = scene()
    await limits({ 'max.message.bytes': '100' })
    expect(book.find('out', true).limits.maxBytes).toBe(100)
    cluster.planned = new Map([['out', 4]])
    await book.look()
    expect(book.find('out')).toMatchObject({ partitions: 4, limits: { maxBytes: 100 } })
  })
})

test('limits that are known hold while they are read anew', async () => {
  const { cluster, book, limits } = scene()
  cluster.topics.set('first', 1)
  cluster.configs.set('first', new Map([['max.message.bytes', '50']]))
  expect(() => book.find('first')).toThrow(UnknownTopic)
  await limits({ 'max.message.bytes': '100' })
  let during: number[] = []
  cluster.onSettings = () => {
    during = ['out', 'first'].map(topic => book.find(topic).limits.maxBytes)
  }
  await book.look()
  expect(during).toEqual([100, 50])
})

describe('a topic that a record has chosen', () => {
  it('that the last look for another has shown is known without one of its own', async () => {
    const { cluster, book } = scene()
    cluster.topics.set('first', 1).set('second', 2)
    expect(() => book.find('first')).toThrow(UnknownTopic)
    await book.look()
    expect([book.find('first').partitions, book.find('second').partitions]).toEqual([1, 2])
    expect(cluster.all).toBe(1)
  })

  it('that is not there is refused for five seconds, and then looked for again', async () => {
    const { book, at, cluster } = scene()
    expect(() => book.find('none')).toThrow(UnknownTopic)
    at(1_000)
    await book.look()
    at(6_000)
    for (const topic of ['none', 'another']) expect(() => book.find(topic)).toThrow(ProcessError)
    at(6_001)
    expect(() => book.find('another')).toThrow(UnknownTopic)
    // The look was for this one: its answer counts once.
    expect(() => book.find('none')).toThrow(ProcessError)
    expect(() => book.find('none')).toThrow(UnknownTopic)
    await book.look()
    await book.look()
    // Nothing is looked for twice.
    expect(cluster.all).toBe(2)
  })

  it('is asked about with the others that were chosen, and gone when it is gone', async () => {
    const { cluster, book, at } = scene()
    cluster.topics.set('first', 1).set('second', 2)
    expect(() => book.find('first')).toThrow(UnknownTopic)
    expect(() => book.find('second')).toThrow(UnknownTopic)
    await book.look()
    expect(cluster.judged).toEqual([['first', 'second']])
    cluster.topics.delete('first')
    cluster.topics.set('second', 5)
    at(60_000)
    await book.look()
    expect(cluster.some).toEqual([['first', 'second']])
    expect(book.find('second').partitions).toBe(5)
    expect(() => book.find('first')).toThrow(UnknownTopic)
  })

  it('that may not be written to any more is refused, and not asked about with the others', async () => {
    const { cluster, book } = scene()
    cluster.topics.set('first', 1).set('second', 2)
    for (const topic of ['first', 'second']) expect(() => book.find(topic)).toThrow(UnknownTopic)
    await book.look()
    cluster.forbidden.add('first')
    await book.look()
    expect(cluster.some).toEqual([['second']])
    expect(() => book.find('first')).toThrow('which this user may not write to')
    expect(book.find('second').partitions).toBe(2)
    // It is asked for as long as it is so.
    await book.look()
    expect(cluster.judged.at(-1)).toEqual(['second', 'first'])
  })

  it('that is weir’s own is not to be had by a look for another, whatever its name', async () => {
    const { cluster, book } = scene()
    cluster.topics.set('app-counts-changelog', 1).set('first', 1)
    expect(() => book.find('first')).toThrow(UnknownTopic)
    await book.look()
    expect(() => book.find('app-counts-changelog')).toThrow("names like it are weir's own")
  })
})
