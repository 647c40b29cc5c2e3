import { json, type StreamsBuilder, text, topology } from '../../../src'
import type { BadRecordPolicy, GraphNode, Topology } from '../../../src/dsl/graph'
import { blameOf } from '../../../src/engine/plan/blame'

const serdes = { key: text, value: json<any>() }

/** The policy and the topic of each step that writes a topic, by that topic. */
function blamed(build: (streams: StreamsBuilder) => void) {
  const built = topology('app', build)
  const blames = blameOf(built)
  expect([...blames.keys()]).toEqual(built.nodes.map(({ id }) => id))
  return Object.fromEntries(
    built.nodes.flatMap(({ kind, id, spec }) =>
      kind === 'to' ? [[(spec as { topic: string }).topic, blames.get(id)]] : [],
    ),
  )
}
const of = (s: StreamsBuilder, topic: BadRecordPolicy) => s.stream(topic, { ...serdes, onBadRecord: topic })

test('a step follows the policy of its source, through steps and internal topics too', () => {
  const found = blamed(s => {
    of(s, 'skip')
      .mapValues(value => value)
      .repartition({ name: 'again' })
      .mapValues(value => value)
      .to('out', serdes)
    of(s, 'deadLetter').to('letters', serdes)
  })
  expect(found).toEqual({
    out: { policy: 'skip', topic: 'skip' },
    letters: { policy: 'deadLetter', topic: 'deadLetter' },
  })
})

test.each<[BadRecordPolicy, BadRecordPolicy, BadRecordPolicy]>([
  ['skip', 'deadLetter', 'deadLetter'],
  ['deadLetter', 'fail', 'fail'],
  ['fail', 'skip', 'fail'],
])('of %s and %s the stricter one counts: %s', (a, b, strictest) => {
  const found = blamed(s => void of(s, a).merge(of(s, b)).to('out', serdes))
  expect(found.out).toEqual({ policy: strictest, topic: strictest })
})

test("a topic that the author reads again is the author's: what was before it does not count", () => {
  const found = blamed(s => {
    of(s, 'fail').to('skip', serdes)
    of(s, 'skip').to('out', serdes)
  })
  expect(found.out).toEqual({ policy: 'skip', topic: 'skip' })
})

const node = (id: number, kind: string, parents: number[], spec: object): GraphNode =>
  ({ id, kind, name: `n${id}`, parents, spec, stores: [] }) as unknown as GraphNode
const source = (id: number, topic: string, owner: 'author' | 'weir', onBadRecord: BadRecordPolicy = 'fail') =>
  node(id, 'source', [], { topic, owner, onBadRecord })
const blames = (...nodes: GraphNode[]) => Object.fromEntries(blameOf({ name: 'app', nodes, stores: [] } as Topology))

test('what weir reads back from a topic follows who writes it there, and nobody else', () => {
  const found = blames(
    source(0, 'a', 'author', 'skip'),
    source(1, 'b', 'author', 'deadLetter'),
    node(2, 'to', [0], { topic: 'between' }),
    node(3, 'to', [1], { topic: 'elsewhere' }),
    source(4, 'between', 'weir'),
  )
  expect(found[4]).toEqual({ policy: 'skip', topic: 'a' })
})

test('where no source leads what fails stops the task', () => {
  expect(blames(source(0, 'nobody-writes', 'weir', 'skip'))).toEqual({ 0: { policy: 'fail', topic: undefined } })
})

test('a circle of internal topics ends, and what leads into it counts for all in it', () => {
  const found = blames(
    source(0, 'a', 'author', 'skip'),
    source(1, 'round', 'weir'),
    node(2, 'merge', [0, 1], {}),
    node(3, 'repartition', [2], { topic: 'round' }),
  )
  expect(found).toEqual(Object.fromEntries([0, 1, 2, 3].map(id => [id, { policy: 'skip', topic: 'a' }])))
})
