import { bufferCount, delay, EMPTY, from, mergeMap } from 'rxjs'
import { reading } from '../../schemas/types'
import {
  avro,
  hopping,
  json,
  keyValueStore,
  mqtt,
  postgres,
  type StreamsBuilder,
  session,
  TopologyError,
  text,
  topology,
  tumbling,
  untilTimeLimit,
  untilWindowCloses,
} from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { Broker } from '../../src/connectors/broker'
import { planOf } from '../../src/engine/plan/plan'
import { planTopics } from '../../src/engine/plan/topic-needs'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { TopologyTestDriver } from '../../src/testing'

const serdes = { key: text, value: json<any>() }
const joiner = (l: unknown, r: unknown) => ({ l, r })
const pass = { supplier: () => ({ process: () => {} }) }

/** What is refused when it is built: what was written, and the message, which names the step and says what to write instead. */
const refused: [string, RegExp, (streams: any) => unknown][] = [
  [
    'two steps of one name',
    /^step "twice": a step of this name exists already; give each step a name of its own$/,
    s =>
      s
        .stream('in', serdes)
        .filter(() => true, { name: 'twice' })
        .mapValues(() => 1, { name: 'twice' }),
  ],
  [
    'two stores of one name',
    /^store "twice": another store of this name exists already; stateful steps and stores need names of their own$/,
    s => [
      s.stream('in', serdes).process({ ...pass, name: 'a', stores: [keyValueStore({ name: 'twice' })] }),
      s.stream('in', serdes).process({ ...pass, name: 'b', stores: [keyValueStore({ name: 'twice' })] }),
    ],
  ],
  ['a stateful step without name', /^a stateful step needs a name/, s => s.stream('in', serdes).groupByKey().count({})],
  ...(
    [
      ['a suppression', s => s.table('in', serdes).suppress(untilTimeLimit(5), { name: 'held', location: 'disk' })],
      ['a versioned table', s => s.table('in', { ...serdes, versioned: { historyRetentionMs: 1 }, location: 'disk' })],
      [
        'a stream join',
        s => {
          const windows = { beforeMs: 1, afterMs: 1, graceMs: 1 }
          s.stream('a', serdes).join(s.stream('b', serdes), { name: 'near', windows, joiner, location: 'disk' })
        },
      ],
    ] satisfies [string, (streams: any) => unknown][]
  ).map(([what, build]): [string, RegExp, typeof build] => [
    `${what} on disk`,
    /^store "[a-z-]+": location 'disk' is for tables, aggregations .* live in memory: leave it out$/,
    build,
  ]),
  [
    'a store in no place',
    /^store "n": location is 'memory' or 'disk', and is "disc"$/,
    s => s.stream('in', serdes).groupByKey().count({ name: 'n', location: 'disc' }),
  ],
  [
    'a place for no store',
    /^step fewer: location says where a store lives; name the store by materialized$/,
    s => s.table('in', serdes).filter(() => true, { name: 'fewer', location: 'disk' }),
  ],
  ['a suppression without name', /^suppress needs a name/, s => s.table('in', serdes).suppress(untilTimeLimit(5), {})],
  ['a repartition without name', /^repartition: give it a name/, s => s.stream('in', serdes).repartition({})],
  [
    'stores without a step name',
    /^process: a step with stores \(kept\) needs a name$/,
    s => s.stream('in', serdes).process({ ...pass, stores: [keyValueStore({ name: 'kept' })] }),
  ],
  [
    'a topic without serdes',
    /^to\('out'\): say how key and value are written, as \{ key: text, value: json\(\) \}$/,
    s => s.stream('in', serdes).to('out'),
  ],
  [
    'a topic read in two ways',
    /^topic in: it is read already, with other options; read it once/,
    s => [s.stream('in', serdes), s.stream('in', { key: text, value: text })],
  ],
  [
    'a table suppressed until windows close that has none',
    /^suppress calm: untilWindowCloses needs a windowed table; use untilTimeLimit/,
    s => s.table('in', serdes).suppress(untilWindowCloses, { name: 'calm' }),
  ],
  [
    'a store kept for too short',
    /^short: retentionMs has to be a whole number of ms, at least 15 .* is 3$/,
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
        .count({ name: 'short', retentionMs: 3 }),
  ],
  [
    'a history beside a retention',
    /^kept: retentionMs says already how long closed windows stay/,
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
        .count({ name: 'kept', retentionMs: 30, historyMs: 60 }),
  ],
  [
    'a history that is no time',
    /^kept: historyMs has to be a whole number of ms, 0 or more, and is -1$/,
    s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
        .count({ name: 'kept', historyMs: -1 }),
  ],
  [
    'queries of a store that there is not',
    /^queries: there is no store "c"; the topology has: counts$/,
    s => {
      s.stream('in', serdes).groupByKey().count({ name: 'counts' })
      s.queries({ key: 'name', stores: { c: 'c' } })
    },
  ],
  [
    'queries by an option that weir ask has already',
    /^queries: key "window": weir ask has an option of this name already/,
    s => {
      s.stream('in', serdes).groupByKey().count({ name: 'counts' })
      s.queries({ key: 'window', stores: { c: 'counts' } })
    },
  ],
  [
    'queries on an MQTT topic without the key',
    /^queries: mqtt "names\/get" needs \{name\} as one of its levels/,
    s => {
      s.stream('in', serdes).groupByKey().count({ name: 'counts' })
      s.queries({ key: 'name', stores: { c: 'counts' }, mqtt: 'names/get' })
    },
  ],
  [
    'queries said twice',
    /^queries: said twice/,
    s => {
      s.stream('in', serdes).groupByKey().count({ name: 'counts' })
      for (const c of ['a', 'b']) s.queries({ key: c, stores: { c: 'counts' } })
    },
  ],
  [
    'streams of another topology merged',
    /^merge: both streams have to belong to one topology$/,
    s => {
      let other: any
      topology('other', o => {
        other = o.stream('x', serdes)
      })
      s.stream('in', serdes).merge(other)
    },
  ],
  ['no step at all', /^topology "refused" has no step; begin with stream\('topic', ...\)$/, () => undefined],
  [
    'a split into branches of one name',
    /^split: the default branch has the name of another one, "a"/,
    s => s.stream('in', serdes).split({ a: () => true }, { default: 'a' }),
  ],
  [
    'an MQTT topic of a field that there is not',
    /^MQTT target .*: topic 'x\/{place}' has a field that the schema lacks: {place} has no field place$/,
    s => s.stream('in', serdes).to(mqtt({ topic: 'x/{place}', schema: reading })),
  ],
  [
    'an upsert without key',
    /needs a key/,
    s => s.stream('in', serdes).to(postgres({ table: 'x', schema: reading, mode: 'upsert' })),
  ],
]

describe('refused when it is built, with what to write instead', () => {
  test.each(refused)('%s', (_what, message, build) => {
    const building = () => topology('refused', streams => void build(streams))
    expect(building).toThrow(TopologyError)
    expect(building).toThrow(message)
  })

  test('a name that Kafka would not take', () =>
    expect(() => topology('my app', s => void s.stream('in', serdes))).toThrow(
      /^topology name "my app": use letters, digits/,
    ))

  test.each([
    [() => tumbling({ sizeMs: 0, graceMs: 0 }), /^tumbling: sizeMs has to be a whole number of ms above 0, and is 0$/],
    [
      () => hopping({ sizeMs: 5, advanceMs: 10, graceMs: 0 }),
      /^hopping: advanceMs 10 is larger than sizeMs 5, records/,
    ],
    [
      () => session({ gapMs: 5, graceMs: -1 }),
      /^session: graceMs has to be a whole number of ms, 0 or more, and is -1$/,
    ],
    [
      () => tumbling({ sizeMs: 5 } as never),
      /^tumbling: graceMs is missing, and has to be a whole number of ms, 0 or more$/,
    ],
  ])('windows that can not be: %#', (make, message) => expect(make).toThrow(message))

  test('a cycle can not be written: a step follows from earlier ones alone', () => {
    const { nodes } = topology('acyclic', streams => {
      const a = streams.stream('a', serdes)
      a.merge(streams.stream('b', serdes).selectKey(() => 'k'))
        .groupByKey()
        .count({ name: 'n' })
        .toStream()
        .to('c', serdes)
    })
    expect(nodes.every(({ id, parents }) => parents.every(parent => parent < id))).toBe(true)
    expect(Object.isFrozen(nodes) && nodes.every(node => Object.isFrozen(node))).toBe(true)
  })
})

describe('refused at start, before the first record', () => {
  const broker = (counts: Record<string, number>): Pick<Broker, 'partitionCounts'> => ({
    partitionCounts: async (topics = []) => new Map(Object.entries(counts).filter(([topic]) => topics.includes(topic))),
  })
  const planned = (build: (streams: StreamsBuilder) => void, counts: Record<string, number>) =>
    planTopics(planOf(topology('started', build)), broker(counts))

  test('a source topic that does not exist', async () => {
    const building = planned(s => s.stream('nowhere', serdes).to('out', serdes), {})
    await expect(building).rejects.toThrow(
      /^step nowhere: topic nowhere doesn't exist; create it: npx weir topics create nowhere/,
    )
    await expect(building).rejects.toBeInstanceOf(TopologyError)
  })

  test('a join of unlike partition counts', async () => {
    const building = planned(
      s => s.table('three', serdes).join(s.table('five', serdes), { name: 'j', joiner }).toStream().to('out', serdes),
      { three: 3, five: 5 },
    )
    await expect(building).rejects.toThrow(
      /^step "j": .*\(three 3, five 5\), so that records of one key are in different tasks; use repartition\(\{ name, partitions \}\)/,
    )
  })

  test('a processor that asks for a store that it was not given', async () => {
    const asking = topology('asking', s => {
      s.stream('in', serdes).process({
        name: 'asks',
        supplier: () => ({ init: context => void context.store('missing'), process: () => {} }),
      })
    })
    const creating = TopologyTestDriver.create(asking)
    await expect(creating).rejects.toThrow(
      /^step asks: store missing is not among the step's stores; add it to the step's options/,
    )
    await expect(creating).rejects.toBeInstanceOf(TopologyError)
  })

  test('a processor that fails as it begins', async () => {
    const failing = topology('failing', s => {
      const init = () => {
        throw new Error('no room')
      }
      s.stream('in', serdes).process({ name: 'begins', supplier: () => ({ init, process: () => {} }) })
    })
    await expect(TopologyTestDriver.create(failing)).rejects.toThrow(/^step begins: its init failed: no room$/)
  })

  test('a schema that the registry does not have', async () => {
    const bound = async (registry: MemoryRegistry, options = {}) =>
      bindCodecs(
        planOf(topology('reading', s => s.stream('in', { key: text, value: avro(reading, options) }).to('out', serdes)))
          .topology,
        registry,
      )
    await expect(bound(new MemoryRegistry())).rejects.toThrow(TopologyError)
    await expect(bound(new MemoryRegistry())).rejects.toThrow(
      /^step in: the registry has no schema for topic in, subject in-value: register it with npx weir schemas register in-value/,
    )
    // What the topology writes itself is registered with it.
    const own = topology('own', s => {
      s.stream('copy', { key: text, value: avro(reading) }).to('out', serdes)
      s.stream('in', { key: text, value: avro(reading, { json: true }) }).to('copy', {
        key: text,
        value: avro(reading),
      })
    })
    await bindCodecs(planOf(own).topology, new MemoryRegistry())
    // Where readings may be plain JSON there need not be one.
    await bound(new MemoryRegistry(), { json: true })
    for (const subject of ['in-value', 'weir.Reading', 'in-weir.Reading']) {
      const registry = new MemoryRegistry()
      await registry.idOf(subject, reading.json)
      await bound(registry)
    }
  })

  test('a schema that does not fit the one that the registry has', async () => {
    const registry = new MemoryRegistry()
    await registry.idOf('out-value', { ...(reading.json as object), fields: [{ name: 'other', type: 'string' }] })
    const writing = topology('writing', s =>
      s
        .stream('in', { key: text, value: avro(reading, { json: true }) })
        .to('out', { key: text, value: avro(reading) }),
    )
    await expect(bindCodecs(planOf(writing).topology, registry)).rejects.toThrow(TopologyError)
    await expect(bindCodecs(planOf(writing).topology, registry)).rejects.toThrow(/^step to-1: out-value.*incompatible/)
  })
})

describe('operators in pipe()', () => {
  const piped = (operator: any) =>
    topology('piped', s => s.stream('in', serdes).pipe(operator, { name: 'late' }).to('out', serdes))
  const record = { key: 'a', value: 1, timestamp: 1 }

  test('that emit after the record are refused when they do', async () => {
    const driver = await TopologyTestDriver.create(piped(delay(0)))
    await driver.pipe('in', record)
    await new Promise(resolve => setTimeout(resolve, 20))
    const next = driver.pipe('in', record)
    await expect(next).rejects.toThrow(/^step late: an operator in pipe\(\) emitted after the record was finished; use/)
    await expect(next).rejects.toBeInstanceOf(TopologyError)
  })

  test('that emit for each record, several or none, are welcome', async () => {
    const driver = await TopologyTestDriver.create(
      piped(mergeMap((each: any) => (each.value > 1 ? from([each, each]) : EMPTY))),
    )
    await driver.pipe('in', record)
    await driver.pipe('in', { ...record, value: 2 })
    expect(driver.read('out').map(({ value }) => value)).toEqual([2, 2])
  })

  test('that hold records back lose them with a crash', async () => {
    const driver = await TopologyTestDriver.create(
      piped((source: any) =>
        source.pipe(
          bufferCount(2),
          mergeMap((all: any) => from(all)),
        ),
      ),
    )
    await driver.pipe('in', record)
    await driver.crash()
    await driver.pipe('in', { ...record, value: 2 })
    expect(driver.read('out')).toEqual([])
  })
})
