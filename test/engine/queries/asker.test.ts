import { integer, json, type StreamsBuilder, TopologyError, text, topology } from '../../../src'
import type { SchemaRegistry } from '../../../src/codecs/codec'
import type { Broker } from '../../../src/connectors/broker'
import { Responder } from '../../../src/connectors/requests/responder'
import { Asker } from '../../../src/engine/queries/asker'
import {
  ConfigError,
  NoReplyError,
  NotFoundError,
  RefusalError,
  UnavailableError,
  UsageError,
} from '../../../src/errors'
import { MemoryBroker } from '../../connectors/memory-broker'

const nothing = () => {}
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
const registry = { schemaById: async () => undefined, hasSubject: async () => true, idOf: async () => 1 }
const windows = { beforeMs: 10, afterMs: 10, graceMs: 0 }
const serdes = { key: text, value: json<any>() }
const binds: string[] = []
/** Text keys; how often they are bound is noted, by topic. */
const noted = {
  ...text,
  name: 'text',
  bind: (context: Parameters<typeof text.bind>[0]) => {
    binds.push(`${context.topic} ${context.part} ${context.use}`)
    return text.bind(context)
  },
}

const build = (s: StreamsBuilder) => {
  s.stream('in', { ...serdes, key: noted })
    .groupByKey()
    .count({ name: 'counts' })
  s.table('ages', { ...serdes, key: integer, materialized: 'by-age' })
  s.stream('by-json', { ...serdes, key: json<any>() })
    .groupByKey()
    .count({ name: 'of-json' })
  s.globalTable('everywhere', { ...serdes, name: 'global' })
}

/** Somebody who asks, on a cluster where every question is answered by `answers`; where the questions went is noted. */
async function world(
  answers: () => Buffer | null | undefined = () => Buffer.from('{"entries":[]}'),
  more: { readonly timeoutMs?: number } = {},
) {
  const kafka = new MemoryBroker({ in: 3, ages: 5, 'by-json': 2, everywhere: 4, 'app-queries': 7, 'app-replies': 1 })
  const asked: number[] = []
  kafka.beforeSend = (topic, partition) => {
    if (topic === 'app-queries') asked.push(partition)
    return undefined
  }
  const broker = kafka as unknown as Broker
  const responder = new Responder({
    ...{ broker, topic: 'app-queries', replyTopics: ['app-replies'], handle: answers, nowMs: Date.now, log },
  })
  responder.assign([0, 1, 2, 3, 4, 5, 6])
  const asker = await Asker.open({ topology: topology('app', build), broker, registry, nowMs: Date.now, ...more })
  opened.push(asker, responder)
  return { asker, kafka, asked }
}
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

test("a question goes to the partition of its key among the store's tasks, or where the asker says", async () => {
  const { asker, asked, kafka } = await world()
  const seen: [string, number][] = []
  kafka.partitionOf = (key, partitions) => {
    seen.push([String(key), partitions])
    return partitions - 1
  }
  await asker.ask({ store: 'counts', key: 'a' })
  await asker.ask({ store: 'counts', key: { key: 'b', window: { start: 0, end: 1 } } })
  await asker.ask({ store: 'by-age', key: 7 })
  await asker.ask({ store: 'global-global', key: 'x' })
  await asker.ask({ store: 'counts', key: 'a' }, { partition: 0 })
  expect(asked).toEqual([2, 2, 4, 6, 0])
  expect(seen.map(([, partitions]) => partitions)).toEqual([3, 3, 5, 7])
  expect(seen.slice(0, 2).map(([key]) => key)).toEqual(['a', 'b'])
})

test('the keys of a store are bound once, to read them', async () => {
  binds.length = 0
  const { asker } = await world()
  for (const key of ['a', 'b']) await asker.ask({ store: 'counts', key })
  expect(binds).toEqual(['in key read'])
})

test('a key is read from text as the store has it', async () => {
  const { asker } = await world()
  expect(asker.keyOf('counts', '7')).toBe('7')
  expect(asker.keyOf('by-age', '7')).toBe(7)
  expect(asker.keyOf('by-age', '007')).toBe(7)
  expect(asker.keyOf('of-json', '{"a":1}')).toEqual({ a: 1 })
  expect(asker.keyOf('of-json', 'plain')).toBe('plain')
  expect(() => asker.keyOf('none', '7')).toThrow(NotFoundError)
  expect(() => asker.keyOf('none', '7')).toThrow(/has no store "none"; it has: counts, of-json, global-global, by-age/)
})

test('a key that the store can not have is refused before it is sent', async () => {
  const { asker, asked } = await world()
  await expect(asker.ask({ store: 'by-age', key: 'old' })).rejects.toThrow(UsageError)
  await expect(asker.ask({ store: 'by-age', key: 'old' })).rejects.toThrow(
    /^"old" is no key of store "by-age" \(integer\)/,
  )
  expect(asked).toEqual([])
})

test.each([
  ['NotFoundError', new NotFoundError('not there'), NotFoundError],
  ['UsageError', new UsageError('not so'), UsageError],
  ['TopologyError', new TopologyError('not fit'), RefusalError],
])('a refusal by %s is an error of its own kind', async (_name, error, kind) => {
  const { asker } = await world(() => {
    throw error
  })
  const asking = asker.ask({ store: 'counts', key: 'a' })
  await expect(asking).rejects.toThrow(kind)
  await expect(asking).rejects.toThrow(error.message)
})

test('an answer that is none is an error, and not a silence', async () => {
  const { asker } = await world(() => null)
  await expect(asker.ask({ store: 'counts', key: 'a' })).rejects.toThrow(/an answer without a value/)
  const broken = await world(() => Buffer.from('{'))
  await expect(broken.asker.ask({ store: 'counts', key: 'a' })).rejects.toThrow(SyntaxError)
})

test('of a silence it is told whether anybody runs, as far as Kafka says', async () => {
  const { asker, kafka } = await world(() => undefined, { timeoutMs: 50 })
  const groups: string[] = []
  kafka.memberCount = async (group?: string) => {
    groups.push(group ?? '')
    return 2
  }
  const asking = asker.ask({ store: 'counts', key: 'a' }, { partition: 1 })
  await expect(asking).rejects.toThrow(NoReplyError)
  await expect(asking).rejects.toThrow(/app-queries\/1: no reply within 50 ms: .*owns partition 1 .*2 in the group/)
  expect(groups).toEqual(['app'])
  expect(await asker.workers()).toBe(2)
  kafka.memberCount = async () => {
    throw new Error('no')
  }
  await expect(asker.ask({ store: 'counts', key: 'a' }, { timeoutMs: 1 })).rejects.toThrow(
    /within 1 ms: .*Kafka does not say/,
  )
})

test('who closes waits for no answer any more', async () => {
  const { asker } = await world(() => undefined)
  const asking = asker.ask({ store: 'counts', key: 'a' }, { partition: 0 }).catch((error: Error) => error)
  await new Promise(setImmediate)
  await asker.close()
  expect(await asking).toBeInstanceOf(UnavailableError)
})

describe('nobody can ask', () => {
  const opening = (topics: Readonly<Record<string, number>>, built = topology('app', build), more: object = {}) =>
    Asker.open({
      ...{ topology: built, broker: new MemoryBroker(topics) as unknown as Broker, nowMs: Date.now },
      ...{ registry: registry as SchemaRegistry, ...more },
    })
  const sources = { in: 1, ages: 1, 'by-json': 1, everywhere: 1 }

  test.each([
    { ...sources, 'app-queries': 1 },
    { ...sources, 'app-replies': 1 },
  ])('a topology that has never run: %j', async topics => {
    await expect(opening(topics)).rejects.toThrow(NotFoundError)
  })

  test('with options that can not be', async () => {
    const all = { ...sources, 'app-queries': 1, 'app-replies': 1 }
    for (const more of [{ timeoutMs: 0 }, { broker: {} }, { registry: {} }, { nowMs: 7 }, { topology: {} }])
      await expect(opening(all, undefined, more)).rejects.toThrow(ConfigError)
    await (await opening(all, undefined, { timeoutMs: 1 })).close()
  })

  test('a topology that does not fit its topics; one whose streams are moved to meet does', async () => {
    const all = { three: 3, five: 5, 'app-queries': 1, 'app-replies': 1 }
    const joiner = (a: unknown, b: unknown) => [a, b]
    const tables = topology('app', s => {
      s.table('three', serdes).join(s.table('five', serdes), { name: 'j', joiner })
    })
    await expect(opening(all, tables)).rejects.toThrow(TopologyError)
    const streams = topology('app', s => {
      s.stream('three', serdes).join(s.stream('five', serdes), { name: 'j', windows, joiner })
    })
    await (await opening(all, streams)).close()
  })
})
