import { json, keyValueStore, mqtt, type StreamsBuilder, TopologyError, text, topology } from '../../../src'
import type { SourceSpec, Topology } from '../../../src/dsl/graph'
import {
  isTimed,
  keepsTimes,
  planOf,
  readTopics,
  type SubTopology,
  sourceTopics,
  taskId,
} from '../../../src/engine/plan/plan'

const serdes = { key: text, value: json<any>() }
const toMqtt = (topic: string) => mqtt({ topic, value: () => Buffer.from('x') })
const built = (build: (streams: StreamsBuilder) => void) => planOf(topology('app', build))
const topicsOf = ({ sources }: SubTopology) => sources.map(({ spec }) => spec.topic)

describe('a topology falls into parts', () => {
  test('that are numbered in the order of their first steps, each with its nodes in their order', () => {
    const { subTopologies } = built(s => {
      const a = s.stream('a', serdes)
      const b = s.stream('b', serdes)
      const c = s.stream('c', serdes)
      a.to('out-a', serdes)
      b.merge(c).to('out-b', serdes)
    })
    expect(subTopologies.map(topicsOf)).toEqual([['a'], ['b', 'c']])
    expect(subTopologies.map(({ id }) => id)).toEqual([0, 1])
    expect(subTopologies.map(part => taskId(part, 3))).toEqual(['0_3', '1_3'])
    expect(subTopologies.map(({ nodes }) => nodes.map(({ kind }) => kind))).toEqual([
      ['source', 'to'],
      ['source', 'source', 'merge', 'to'],
    ])
  })

  test('that are one where steps share a store, whichever of three of them', () => {
    const shared = keyValueStore({ name: 'shared' })
    const own = keyValueStore({ name: 'own' })
    const process = (s: StreamsBuilder, topic: string, stores: (typeof shared)[]) =>
      s.stream(topic, serdes).process({ name: `p-${topic}`, stores, supplier: () => ({ process: () => {} }) })
    const { subTopologies } = built(s => {
      process(s, 'a', [shared])
      process(s, 'b', [own])
      process(s, 'c', [shared])
      process(s, 'd', [shared])
      s.stream('e', serdes).to('out', serdes)
    })
    expect(subTopologies.map(topicsOf)).toEqual([['a', 'c', 'd'], ['b'], ['e']])
    expect(subTopologies.map(({ stores }) => stores.map(({ name }) => name))).toEqual([['shared'], ['own'], []])
    expect(subTopologies.map(keepsTimes)).toEqual([true, true, false])
  })

  test('that a late link joins into one', () => {
    const { subTopologies } = built(s => {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(topic => s.stream(topic, serdes)) as any[]
      const right = c.merge(d)
      const left = a.merge(b)
      right.merge(left).to('out', serdes)
    })
    expect(subTopologies.map(topicsOf)).toEqual([['a', 'b', 'c', 'd']])
  })

  test('or stays whole where that is asked for, without the global tables, which are no task’s', () => {
    const both = topology('app', s => {
      const everywhere = s.globalTable('g', serdes)
      s.stream('a', serdes)
        .join(everywhere, { name: 'j', keyMapper: (_, key) => key, joiner: (a: any) => a })
        .to('out', serdes)
      s.stream('b', serdes).to('out', serdes)
    })
    expect(planOf(both).subTopologies.map(topicsOf)).toEqual([['a'], ['b']])
    expect(planOf(both, { whole: true }).subTopologies.map(topicsOf)).toEqual([['a', 'b']])
    expect(planOf(both, { whole: true }).subTopologies[0]!.nodes.some(({ kind }) => kind === 'globalSource')).toBe(
      false,
    )
  })

  test('but not where a step follows from nothing', () => {
    const { nodes, ...rest } = topology('app', s => s.stream('a', serdes).to('out', serdes))
    const loose = { ...rest, nodes: nodes.map(node => ({ ...node, kind: 'peek', parents: [], name: 'loose' })) }
    expect(() => planOf(loose as unknown as Topology)).toThrow(TopologyError)
    expect(() => planOf(loose as unknown as Topology)).toThrow(/step "loose" has no source/)
  })
})

test('times are kept under the name of the first source', () => {
  const { subTopologies } = built(s => {
    const first = s.stream('a', { ...serdes, name: 'first' })
    first.merge(s.stream('b', { ...serdes, name: 'second' })).to('out', serdes)
  })
  expect(subTopologies.map(({ timesName }) => timesName)).toEqual(['first'])
})

test('the topics of a plan are all that its parts read, each once; the sources are those of the author', () => {
  const { topology: full, subTopologies } = built(s => {
    s.stream('a', serdes).repartition({ name: 'again' }).to('b', serdes)
    s.stream('b', serdes).to('out', serdes)
  })
  expect(readTopics({ topology: full, subTopologies }).sort()).toEqual(['a', 'app-again-repartition', 'b'])
  const twice = [...subTopologies, ...subTopologies]
  expect(readTopics({ topology: full, subTopologies: twice }).length).toBe(3)
  expect(sourceTopics(full)).toEqual(['a', 'b'])
})

test('a topic between two tasks carries times, one that leads to an end does not', () => {
  const spec = (internal?: SourceSpec['internal']) => ({ topic: 't', internal }) as SourceSpec
  expect([spec('repartition'), spec('foreignKey'), spec('outbox'), spec()].map(isTimed)).toEqual([
    ...[true, true, false, false],
  ])
})

describe('who writes the internal topics of a part', () => {
  const { subTopologies } = built(s => {
    s.stream('a', { ...serdes, idleMs: 50 })
      .repartition({ name: 'one' })
      .repartition({ name: 'two', only: 'misplaced', ...serdes })
      .to('out', serdes)
    s.stream('b', { ...serdes, idleMs: 20 }).to('elsewhere', serdes)
  })
  const one = 'app-one-repartition'
  const two = 'app-two-repartition'

  test('is known to it, with all that may have come through', () => {
    expect(subTopologies.map(topicsOf)).toEqual([['a'], [one, two], ['b']])
    expect(subTopologies.map(({ repartitions }) => repartitions)).toEqual([[one], [two], []])
    expect(subTopologies.map(({ upstreams }) => upstreams)).toEqual([
      [],
      [
        { topic: one, misplaced: false, sources: ['a'], reads: ['a'] },
        // It writes what it reads itself: its tasks are those of the other topic.
        { topic: two, misplaced: true, sources: [one], reads: [one, two, 'a'] },
      ],
      [],
    ])
    expect(subTopologies.map(keepsTimes)).toEqual([false, true, false])
  })

  test('makes it as idle as the writer, and nobody else', () => {
    expect(subTopologies.map(({ idleMs }) => idleMs)).toEqual([50, 50, 20])
    expect('idleMs' in built(s => s.stream('a', serdes).to('out', serdes)).subTopologies[0]!).toBe(false)
  })
})

test('silence goes through any number of topics, and the longest of several counts', () => {
  const { subTopologies } = built(s => {
    const [a, b, c] = [
      s.stream('a', { ...serdes, idleMs: 10 }),
      s.stream('b', { ...serdes, idleMs: 30 }),
      s.stream('c', serdes),
    ]
    const last = c.repartition({ name: 'r1' }).repartition({ name: 'r2' })
    a.repartition({ name: 'ra' })
      .merge(b.repartition({ name: 'rb' }))
      .repartition({ name: 'rc' })
      .to('x', serdes)
    last.to('y', serdes)
  })
  const idle = new Map(subTopologies.flatMap(part => topicsOf(part).map(topic => [topic, part.idleMs])))
  expect(Object.fromEntries(idle)).toEqual({
    ...{ a: 10, b: 30, c: undefined },
    ...{ 'app-r1-repartition': undefined, 'app-r2-repartition': undefined },
    ...{ 'app-ra-repartition': 30, 'app-rb-repartition': 30, 'app-rc-repartition': 30 },
  })
})

test('one ms of silence is silence, and it does not go through topics that the author reads again', () => {
  const { subTopologies } = built(s => {
    s.stream('a', { ...serdes, idleMs: 1 }).to('between', serdes)
    s.stream('between', serdes).to('out', serdes)
  })
  expect(subTopologies.map(({ idleMs }) => idleMs)).toEqual([1, undefined])
})

test('what is written to an end directly is known by its kind and source, each once', () => {
  const { subTopologies } = built(s => {
    const a = s.stream('a', serdes)
    a.filter(() => true).to(toMqtt('x'))
    a.mapValues(value => value).to(toMqtt('y'))
    a.merge(s.stream('b', serdes)).to('out', serdes)
    s.stream('c', serdes).to(toMqtt('z'))
  })
  expect(subTopologies.map(({ direct }) => direct)).toEqual([
    [{ kind: 'mqtt', topic: 'a' }],
    [{ kind: 'mqtt', topic: 'c' }],
  ])
})

test('a topic that two parts write is upstream of its reader twice', () => {
  const again = built(s => {
    const one = s.stream('a', serdes).repartition({ name: 'one' })
    one.to('out', serdes)
  })
  const [writer, reader] = again.subTopologies
  expect(reader!.upstreams.map(({ sources }) => sources)).toEqual([topicsOf(writer!)])
})
