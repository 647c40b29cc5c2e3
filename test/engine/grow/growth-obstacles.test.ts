import { json, keyValueStore, type Processor, type StreamsBuilder, text, topology, tumbling } from '../../../src'
import { memory } from '../../../src/connectors/memory/memory-target'
import type { GraphNode } from '../../../src/dsl/graph'
import { growthOf, homesOf } from '../../../src/engine/grow/growth'
import { planOf } from '../../../src/engine/plan/plan'
import { manifestOf } from '../../../src/engine/plan/state-manifest'
import { TopologyError } from '../../../src/errors'

const serdes = { key: text, value: json<any>() }
const rows = () => memory<any, any>({ name: 'rows' })
const windows = tumbling({ sizeMs: 10, graceMs: 0 })
const supplier = (): Processor => ({ process: () => {} })

const widths = (all: Record<string, number>) => new Map(Object.entries(all))

/** What growing an application takes whose topics have these partitions. */
function growth(
  build: (streams: StreamsBuilder) => unknown,
  counts: Readonly<Record<string, number>>,
  partitions: number,
  kept: Readonly<Record<string, number>> = {},
) {
  const plan = planOf(topology('app', streams => void build(streams)))
  return growthOf(plan, widths(counts), { ...manifestOf(plan), widths: kept }, partitions)
}

const counted = (s: StreamsBuilder) => s.stream('in', serdes).groupByKey().count({ name: 'counts' })
const ran = { 'app-times-changelog': 2, 'app-counts-changelog': 2 }

describe('how wide state is', () => {
  test('is what the state says, else what its changelogs have, else what its sources have', () => {
    const from = (counts: Record<string, number>, kept?: Record<string, number>) =>
      growth(counted, { 'app-times-changelog': 2, ...counts }, 12, kept).parts.map(part => part.from)
    expect(from({ in: 4, 'app-counts-changelog': 3 }, { counts: 2, other: 1 })).toEqual([2])
    expect(from({ in: 4, 'app-counts-changelog': 3 })).toEqual([3])
    expect(from({ in: 4 })).toEqual([4])
  })

  const two = (s: StreamsBuilder) => {
    const read = s.stream('in', serdes).groupByKey()
    read.count({ name: 'first' })
    read.count({ name: 'second' })
  }

  test('is what is known of any of its stores', () => {
    const from = (counts: Record<string, number>, kept?: Record<string, number>) =>
      growth(two, { in: 4, 'app-times-changelog': 2, ...counts }, 12, kept).parts.map(part => part.from)
    expect(from({}, { second: 2 })).toEqual([2])
    expect(from({ 'app-second-changelog': 3 })).toEqual([3])
  })

  test('can not be more than is asked for', () => {
    expect(() => growth(two, { ...ran, in: 3 }, 2)).toThrow(
      "the state of first, second is spread over 3 partitions already: Kafka can't take partitions away, give 3 or more",
    )
    expect(() => growth(counted, { in: 3 }, 2)).toThrow('spread over 3 partitions already')
    expect(growth(two, { ...ran, in: 3 }, 3).parts).toEqual([])
  })
})

describe('what grows', () => {
  test('are the parts that keep state, each with its changelogs and what waits for it, where there is such', () => {
    const build = (s: StreamsBuilder) => {
      s.stream('plain', serdes).to('out', serdes)
      const by = s.stream('in', serdes).groupBy(value => value, { name: 'by' })
      by.count({ name: 'counts' })
      by.reduce({ name: 'unmade', reducer: a => a })
    }
    const counts = { ...ran, in: 2, plain: 1, 'app-by-repartition': 2 }
    const { parts, topics, application, partitions } = growth(build, counts, 4)
    expect([application, partitions]).toEqual(['app', 4])
    expect(parts).toMatchObject([{ from: 2, pending: ['app-by-repartition'], grown: [] }])
    expect(parts[0]?.stores.map(({ name }) => name)).toEqual(['counts'])
    expect(parts[0]?.part.stores.map(({ name }) => name)).toEqual(['counts', 'unmade'])
    expect(topics).toEqual(widths({ 'app-by-repartition': 2, 'app-counts-changelog': 2, 'app-times-changelog': 2 }))
    const unmade = growth(build, { ...ran, in: 2 }, 4, { counts: 2 })
    expect(unmade.parts).toMatchObject([{ pending: [] }])
  })

  test('are topics that are narrower than asked for, and none that are as wide', () => {
    const counts = { 'app-times-changelog': 4, 'app-counts-changelog': 2, in: 4 }
    expect(growth(counted, counts, 4, { counts: 2 }).topics).toEqual(widths({ 'app-counts-changelog': 2 }))
  })

  test('stores that need no changelog have none that grows', () => {
    const late = (s: StreamsBuilder) => s.table('in', { ...serdes, materialized: 'kept', restoreFrom: 'sourceTopic' })
    expect(growth(late, { in: 2, 'app-kept-changelog': 2 }, 4).topics).toEqual(widths({ in: 2 }))
  })

  test('are sources of the author’s that lead to state, by topics of their own', () => {
    const build = (s: StreamsBuilder) => {
      const side = s.stream('side', serdes)
      side.to('copied', serdes)
      const merged = s.stream('in', serdes).merge(side.filter(() => true))
      merged.groupByKey().count({ name: 'counts' })
    }
    const { parts } = growth(build, { ...ran, in: 2, side: 2 }, 4)
    expect(parts[0]?.grown).toEqual(['side', 'in'])
    expect(homesOf(parts[0]!, 'app')).toEqual(['app-side-home-repartition', 'app-in-home-repartition'])
  })

  test('are no sources that only pass by the state', () => {
    const build = (s: StreamsBuilder) => {
      const table = s.stream('in', serdes).groupByKey().count({ name: 'counts' })
      const joined = s.stream('passing', serdes).repartition({ name: 'by', ...serdes })
      joined.join(table, { joiner: (a: unknown) => a }).to('out', serdes)
    }
    const { parts } = growth(build, { ...ran, in: 2, passing: 2, 'app-by-repartition': 2 }, 4)
    expect(parts).toMatchObject([{ pending: ['app-by-repartition'], grown: ['in'] }])
  })
})

describe('what can not grow', () => {
  const refusal = (build: (s: StreamsBuilder) => unknown, partitions = 4, more: Record<string, number> = {}) => {
    try {
      growth(build, { ...ran, in: 2, ...more }, partitions)
      return undefined
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error
      return error.message
    }
  }

  test('are the entries of a processor, which tell no keys', () => {
    const processing = (stores: boolean) => (s: StreamsBuilder) => {
      const read = s.stream('in', serdes)
      read.process({ name: 'p', ...(stores && { stores: [keyValueStore({ name: 'mine' })] }), supplier })
      read.groupByKey().count({ name: 'counts' })
    }
    expect(refusal(processing(true))).toMatch(
      /^the state of mine, counts can't be spread over 4 partitions: step p is a processor/,
    )
    expect(refusal(processing(false))).toBeUndefined()
  })

  test('is what closes by its task’s time, where it is no multiple', () => {
    const windowed = (s: StreamsBuilder) =>
      s.stream('in', serdes).groupByKey().windowedBy(windows).count({ name: 'counts' })
    expect([3, 4, 5, 6].map(partitions => refusal(windowed, partitions) === undefined)).toEqual([
      false,
      true,
      false,
      true,
    ])
    expect(refusal(windowed, 3)).toContain(
      "store counts closes by its task's time, and a task can go on with one time only: give a multiple of 2",
    )
    expect(refusal(counted, 3)).toBeUndefined()
  })

  test('is what goes through a topic of which the author says how many partitions it has', () => {
    const by = (more: object) => (s: StreamsBuilder) => {
      s.stream('in', serdes)
        .repartition({ name: 'by', ...serdes, ...more })
        .groupByKey()
        .count({ name: 'counts' })
      // Of another part, which keeps no state.
      s.stream('other', serdes)
        .repartition({ name: 'else', ...serdes, partitions: 3 })
        .to('out', serdes)
    }
    const topics = { 'app-by-repartition': 2, other: 1, 'app-else-repartition': 3 }
    expect(refusal(by({}), 4, topics)).toBeUndefined()
    expect(refusal(by({ partitions: 2 }), 4, topics)).toContain('asks for 2 partitions: write 4 there first')
    expect(refusal(by({ partitions: 4 }), 4, topics)).toBeUndefined()
    const beside = (s: StreamsBuilder) => {
      const homed = s.stream('in', serdes).repartition({ name: 'by', ...serdes, partitions: 2 })
      homed.merge(s.stream('other', serdes)).groupByKey().count({ name: 'counts' })
    }
    expect(refusal(beside, 4, { ...topics, other: 2 })).toContain('asks for 2 partitions: write 4 there first')
  })

  test('is what a rule of its own places, whatever the keys are', () => {
    const build = (s: StreamsBuilder) => {
      s.stream('in', serdes)
        .repartition({ name: 'by', ...serdes })
        .groupByKey()
        .count({ name: 'counts' })
    }
    const plan = planOf(topology('app', build))
    const nodes = plan.topology.nodes.map(node =>
      node.kind === 'repartition' ? { ...node, name: 'placed', spec: { ...node.spec, partition: () => 0 } } : node,
    )
    const placed = { ...plan, topology: { ...plan.topology, nodes: nodes as readonly GraphNode[] } }
    const counts = widths({ ...ran, in: 2, 'app-by-repartition': 2 })
    expect(growthOf(plan, counts, manifestOf(plan), 4).parts.length).toBe(1)
    expect(() => growthOf(placed, counts, manifestOf(plan), 4)).toThrow(
      'step placed places records by a rule of its own',
    )
  })

  test('is what is written to an end on its way to state, as it is read', () => {
    const before = (s: StreamsBuilder) => {
      const read = s.stream('in', serdes)
      const mapped = read.mapValues(value => value)
      mapped.to(rows())
      mapped.groupByKey().count({ name: 'counts' })
    }
    const beside = (s: StreamsBuilder) => {
      const read = s.stream('in', serdes)
      read.to(rows())
      read.mapValues(value => value).to(memory<any, any>({ name: 'others' }))
      read.groupByKey().count({ name: 'counts' })
    }
    const far = (s: StreamsBuilder) => {
      const mapped = s.stream('in', serdes).mapValues(value => value)
      mapped.filter(() => true).to(rows())
      mapped.groupByKey().count({ name: 'counts' })
    }
    for (const build of [before, far]) expect(refusal(build)).toContain('a step before it writes to an end directly')
    expect(refusal(beside)).toBeUndefined()
  })

  test('is a table’s state where its topic has partitions that the state would not', () => {
    expect(refusal(counted, 4, { in: 4 })).toBeUndefined()
    expect(refusal(counted, 4, { in: 5 })).toBe('topic in has 5 partitions: give --partitions 5')
  })
})
