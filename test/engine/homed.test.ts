import { json, text, topology, tumbling } from '../../src'
import { isKind, type Topology } from '../../src/dsl/graph'
import { homed } from '../../src/engine/plan/passes/homed'
import { planOf } from '../../src/engine/plan/plan'

const serdes = { key: text, value: json<any>() }
const built = topology('app', s => {
  const read = s.stream('in', serdes)
  read.to('copied', serdes)
  read
    .mapValues(value => value)
    .groupByKey()
    .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }))
    .count({ name: 'counted', late: late => late.to('late', serdes) })
})

/** A step, and those that it follows from, by name, up to its sources. */
function above({ nodes }: Topology, name: string): string[] {
  const node = nodes.find(each => each.name === name)!
  return [name, ...node.parents.flatMap(parent => above({ nodes } as Topology, nodes[parent]!.name))]
}
const nameOf = ({ nodes }: Topology, kind: string) => nodes.find(node => node.kind === kind)!.name

test('a topology whose topics have not grown stays as it is', () => {
  expect(homed(built, [])).toBe(built)
})

test('what leads to state follows from records that were brought home, everything else from the source itself', () => {
  const grown = homed(built, ['in'])
  const [source] = built.nodes
  const placed = [
    `${source!.name}-home-placed`,
    `${source!.name}-home-repartition`,
    source!.name,
    `${source!.name}-home-repartitioned`,
  ]
  expect(above(grown, 'counted')).toEqual(['counted', nameOf(built, 'mapValues'), ...placed])
  expect(above(grown, built.nodes.find(node => isKind(node, 'to'))!.name)).toEqual([nameOf(built, 'to'), source!.name])
  expect(grown.nodes.map(({ id }) => id)).toEqual(grown.nodes.map((_, i) => i))
  const { subTopologies } = planOf(grown)
  expect(subTopologies.map(({ sources }) => sources.map(({ spec }) => spec.topic))).toEqual([
    ['in', 'app-in-home-repartition'],
  ])
})

test('a stream of late records goes on to name the step that it is of, whatever steps are put before it', () => {
  const lateOf = (of: Topology) =>
    of.nodes[of.nodes.flatMap(node => (isKind(node, 'late') ? [node.spec.of] : []))[0]!]!.name
  expect(lateOf(built)).toBe('counted')
  expect(lateOf(homed(built, ['in']))).toBe('counted')
  expect(above(homed(built, ['in']), 'counted-late')[1]).toBe(nameOf(built, 'mapValues'))
})
