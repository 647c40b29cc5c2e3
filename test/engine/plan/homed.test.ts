import { json, type StreamsBuilder, text, topology } from '../../../src'
import { type GraphNode, isKind, type Topology } from '../../../src/dsl/graph'
import { homed, homeTopic, isStateful } from '../../../src/engine/plan/passes/homed'

const serdes = { key: text, value: json<any>() }
const built = (build: (streams: StreamsBuilder) => void) => topology('app', build)
const sourceOf = ({ nodes }: Topology, topic: string) =>
  nodes.find((node): node is GraphNode<'source'> => isKind(node, 'source') && node.spec.topic === topic)!
/** The topics that a step's records come through, by the step's name. */
function topicsAbove({ nodes }: Topology, name: string): string[] {
  const find = (node: GraphNode): string[] => [
    ...(isKind(node, 'source') ? [node.spec.topic] : []),
    ...node.parents.flatMap(parent => find(nodes[parent]!)),
  ]
  return find(nodes.find(node => node.name === name)!)
}

test('the records of a grown topic come home as they were written, those that are misplaced alone', () => {
  const key = text
  const value = json<any>()
  const grown = homed(
    built(s => void s.stream('in', { key, value }).groupByKey().count({ name: 'counts' })),
    ['in'],
  )
  const topic = homeTopic('app', 'in')
  expect(topic).toBe('app-in-home-repartition')
  const out = grown.nodes.find(({ kind }) => kind === 'repartition')
  expect(out?.spec).toEqual({ topic, only: 'misplaced', key, value })
  expect(sourceOf(grown, topic).spec).toMatchObject({ key, value, internal: 'repartition' })
  expect(topicsAbove(grown, 'counts')).toEqual(['in', topic])
})

test('of several sources only those that have grown and lead to state are brought home', () => {
  const grown = homed(
    built(s => {
      s.stream('a', serdes).merge(s.stream('b', serdes)).groupByKey().count({ name: 'counts' })
      s.stream('plain', serdes).to('out', serdes)
      s.stream('again', serdes).repartition({ name: 'r' }).groupByKey().count({ name: 'behind' })
    }),
    ['a', 'plain', 'again'],
  )
  expect(topicsAbove(grown, 'counts')).toEqual(['a', homeTopic('app', 'a'), 'b'])
  const topics = grown.nodes.flatMap(node => (isKind(node, 'source') ? [node.spec.topic] : []))
  expect(topics.filter(topic => topic.endsWith('-home-repartition'))).toEqual([homeTopic('app', 'a')])
})

test('a step is stateful where it keeps something by key, or where one behind it does before any repartition', () => {
  const topologyOf = built(s => {
    const a = s.stream('a', serdes)
    a.filter(() => true, { name: 'leads' })
      .groupByKey()
      .count({ name: 'counts' })
    a.filter(() => true, { name: 'ends' }).to('out', serdes)
    a.repartition({ name: 'r' }).groupByKey().count({ name: 'behind' })
  })
  const stateful = (name: string) => isStateful(topologyOf, topologyOf.nodes.find(node => node.name === name)!.id)
  expect(['leads', 'counts', 'ends', 'behind'].map(stateful)).toEqual([true, true, false, true])
  expect(isStateful(topologyOf, sourceOf(topologyOf, 'a').id)).toBe(true)
  expect(isStateful(topologyOf, topologyOf.nodes.find(({ kind }) => kind === 'repartition')!.id)).toBe(false)
})

test('late records lie where those of the step do that they were late for', () => {
  const late = { id: 0, kind: 'late', name: 'l', parents: [], spec: { of: 0 }, stores: [] } as unknown as GraphNode
  expect(isStateful({ name: 'app', nodes: [late], stores: [] }, 0)).toBe(true)
})
