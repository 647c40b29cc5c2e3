import { json, type StreamsBuilder, text, topology } from '../../../src'
import { type GraphNode, isKind, type Topology } from '../../../src/dsl/graph'
import { copartitioned } from '../../../src/engine/plan/passes/copartition'

const serdes = { key: text, value: json<any>() }
const windows = { beforeMs: 10, afterMs: 10, graceMs: 0 }
const joiner = (l: unknown, r: unknown) => ({ l, r })
const counts = new Map([
  ['one', 1],
  ['three', 3],
  ['five', 5],
])
const moved = (build: (streams: StreamsBuilder) => void) => copartitioned(topology('app', build), counts)

/** The topics that a step's sides are read from. */
function sidesOf({ nodes }: Topology, name: string): string[][] {
  const topics = (node: GraphNode): string[] =>
    isKind(node, 'source') ? [node.spec.topic] : node.parents.flatMap(parent => topics(nodes[parent]!))
  return nodes.find(node => node.name === name)!.parents.map(parent => topics(nodes[parent]!))
}
const topicsWritten = ({ nodes }: Topology) =>
  nodes.flatMap(node => (isKind(node, 'repartition') ? [node.spec.topic] : []))

test('the narrow side of two streams is moved, whichever it is, and named after it', () => {
  const left = moved(s => void s.stream('three', serdes).join(s.stream('five', serdes), { name: 'j', windows, joiner }))
  expect(sidesOf(left, 'j')).toEqual([['app-j-left-repartition'], ['five']])
  const right = moved(
    s => void s.stream('five', serdes).join(s.stream('three', serdes), { name: 'j', windows, joiner }),
  )
  expect(sidesOf(right, 'j')).toEqual([['five'], ['app-j-right-repartition']])
  expect(right.nodes.map(({ id }) => id)).toEqual(right.nodes.map((_, i) => i))
})

test('what is moved is written with the serdes of its side', () => {
  const own = { key: text, value: json<any>() }
  const built = moved(s => void s.stream('five', serdes).join(s.stream('one', own), { name: 'j', windows, joiner }))
  const out = built.nodes.find((node): node is GraphNode<'repartition'> => isKind(node, 'repartition'))
  expect(out?.spec).toEqual({ topic: 'app-j-right-repartition', ...own })
})

test('a stream is moved to a wider table, and a wider stream leaves the table where it is', () => {
  const narrow = moved(s => void s.stream('one', serdes).join(s.table('five', serdes), { name: 'j', joiner }))
  expect(sidesOf(narrow, 'j')).toEqual([['app-j-repartition'], ['five']])
  const build = (s: StreamsBuilder) => void s.stream('five', serdes).join(s.table('one', serdes), { name: 'j', joiner })
  const wide = topology('app', build)
  expect(copartitioned(wide, counts)).toBe(wide)
})

test('a merged side is as wide as its widest topic', () => {
  const built = moved(s => {
    const merged = s.stream('one', serdes).merge(s.stream('five', serdes))
    merged.join(s.stream('three', serdes), { name: 'j', windows, joiner })
  })
  expect(topicsWritten(built)).toEqual(['app-j-right-repartition'])
})

test('a side behind an internal topic, or of a topic that is not there yet, has no width of its own', () => {
  const build = (s: StreamsBuilder) => {
    const again = s
      .stream('three', serdes)
      .repartition({ name: 'r' })
      .filter(() => true)
    again.join(s.stream('five', serdes), { name: 'behind', windows, joiner })
    s.stream('missing', serdes).join(s.stream('five', serdes), { name: 'early', windows, joiner })
  }
  const plain = topology('app', build)
  expect(copartitioned(plain, counts)).toBe(plain)
  // Not even where that topic is there already, and narrower.
  expect(copartitioned(plain, new Map([...counts, ['app-r-repartition', 2]]))).toBe(plain)
})

test('steps behind a side that was moved follow from the join as before', () => {
  const built = moved(s => {
    const joined = s.stream('three', serdes).join(s.stream('five', serdes), { name: 'j', windows, joiner })
    joined.groupByKey().count({ name: 'counts' })
  })
  expect(sidesOf(built, 'counts')).toEqual([['app-j-left-repartition', 'five']])
})
