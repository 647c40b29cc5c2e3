import { json, type KStream, mqtt, type StreamsBuilder, text, topology, tumbling } from '../../../src'
import { type GraphNode, isKind, type Topology } from '../../../src/dsl/graph'
import { outboxed } from '../../../src/engine/plan/passes/outbox'

const serdes = { key: text, value: json<any>() }
const end = (name: string) => mqtt({ topic: name, value: () => Buffer.from('x') })
const boxed = (build: (streams: StreamsBuilder) => void) => outboxed(topology('app', build))

/** What a step follows from, as `kind topic`, up to its sources. */
function above(nodes: readonly GraphNode[], node: GraphNode): string[] {
  const { topic } = node.spec as { readonly topic?: string }
  return [
    typeof topic === 'string' ? `${node.kind} ${topic}` : node.kind,
    ...node.parents.flatMap(parent => above(nodes, nodes[parent]!)),
  ]
}
/** The way to each end, by the end's name. */
const waysOf = ({ nodes }: Topology) =>
  Object.fromEntries(
    nodes.flatMap(node => (isKind(node, 'sink') ? [[node.spec.target.name, above(nodes, node).slice(1)]] : [])),
  )
const specsOf = ({ nodes }: Topology, kind: 'to' | 'source') =>
  nodes.filter(node => node.kind === kind).map(n => n.spec)

test.each<[string, (stream: KStream<string, any>) => KStream<any, any>]>([
  ['filter', s => s.filter(() => true)],
  ['map', s => s.map((value, key) => [key, value] as const)],
  ['mapValues', s => s.mapValues(value => value)],
  ['flatMap', s => s.flatMap((value, key) => [[key, value] as const])],
  ['flatMapValues', s => s.flatMapValues(value => [value])],
  ['selectKey', s => s.selectKey(value => value.id as string)],
  ['peek', s => s.peek(() => {})],
  ['branch', s => s.split({ one: () => true }).one],
  ['pipe', s => s.pipe(records => records)],
])('what comes by %s alone is written directly', (kind, step) => {
  const built = boxed(s => step(step(s.stream('in', serdes))).to(end('x')))
  expect(waysOf(built)).toEqual({ 'mqtt:x': [kind, kind, 'source in'] })
  expect(built.nodes.map(({ id }) => id)).toEqual([0, 1, 2, 3])
})

test.each<[string, (stream: KStream<string, any>, s: StreamsBuilder) => KStream<any, any>]>([
  ['aggregate', stream => stream.groupByKey().count({ name: 'n' }).toStream()],
  ['merge', (stream, s) => stream.merge(s.stream('other', serdes))],
  ['process', stream => stream.process({ name: 'p', supplier: () => ({ process: () => {} }) })],
  ['a repartition', stream => stream.repartition({ name: 'again' })],
])('what comes by %s goes through a topic of its own, and from there to the end', (_kind, step) => {
  const built = boxed(s => step(s.stream('in', serdes), s).to(end('x')))
  const [way] = Object.values(waysOf(built))
  expect(way).toEqual([expect.stringMatching(/^source app-.*-outbox$/)])
  const topic = way![0]!.replace('source ', '')
  const written = specsOf(built, 'to').find(spec => (spec as { topic: string }).topic === topic)
  expect(written).toEqual({ topic, owner: 'weir', key: expect.anything(), value: expect.anything() })
  const { key, value } = written as { key: unknown; value: unknown }
  expect(specsOf(built, 'source').at(-1)).toEqual({
    ...{ topic, owner: 'weir', onBadRecord: 'deadLetter', internal: 'outbox' },
    ...{ key, value },
  })
  expect(built.nodes.every(({ id }, place) => id === place)).toBe(true)
  expect(built.nodes.map(({ kind }) => kind)).not.toContain('moved')
})

const counted = (s: StreamsBuilder) => s.stream('in', serdes).groupByKey().count({ name: 'n' }).toStream()
const other = { key: text, value: json<number>() }

test("a step's own topic is its outbox, read as it was written", () => {
  const built = boxed(s => {
    const counts = counted(s)
    counts.to(end('x'))
    s.stream('elsewhere', serdes).to('not-this-one', serdes)
    counts.to('numbers', other)
    counts.to(end('y'))
  })
  expect(waysOf(built)).toEqual({ 'mqtt:x': ['source numbers'], 'mqtt:y': ['source numbers'] })
  expect(specsOf(built, 'source').at(-1)).toEqual({
    ...{ topic: 'numbers', owner: 'author', onBadRecord: 'deadLetter', internal: 'outbox' },
    ...other,
  })
  expect(specsOf(built, 'source').length).toBe(3)
})

test('where the topology reads that topic anyway, its ends follow from what reads it', () => {
  const built = boxed(s => {
    const counts = counted(s)
    counts.to('numbers', other)
    s.stream('numbers', serdes).to(end('read'))
    counts.to(end('x'))
  })
  expect(waysOf(built)).toEqual({ 'mqtt:read': ['source numbers'], 'mqtt:x': ['source numbers'] })
  expect(specsOf(built, 'source').length).toBe(2)
})

test('a topic that follows from the record is no outbox: there is none that could be read back', () => {
  const built = boxed(s => {
    const counts = counted(s)
    counts.to(({ key }) => `by-${key}`, other)
    counts.to(end('x'))
    counts.to(end('y'))
  })
  const ways = Object.values(waysOf(built))
  expect(ways[0]).toEqual([expect.stringMatching(/-outbox$/)])
  expect(ways[1]).toEqual(ways[0])
  expect(specsOf(built, 'to').length).toBe(2)
})

test('steps keep their parents and what they name of one another, whatever was moved from between them', () => {
  const built = boxed(s => {
    const counts = counted(s)
    counts.to(end('x'))
    s.stream('b', serdes)
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
      .count({ name: 'windows', late: late => late.to('late', serdes) })
  })
  const { nodes } = built
  const late = nodes.find(node => isKind(node, 'late')) as GraphNode<'late'>
  expect(nodes[late.spec.of]!.name).toBe('windows')
  expect(above(nodes, late)).toContain('source b')
  for (const { id, parents } of nodes) for (const parent of parents) expect(parent).toBeLessThan(id)
})
