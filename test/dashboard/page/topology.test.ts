import * as fc from 'fast-check'
import { type Graph, graphOf } from '../../../src/dashboard/page/topology/graph'
import {
  edgePath,
  edgeWidth,
  fittingLayout,
  heightOf,
  layOut,
  sizes,
} from '../../../src/dashboard/page/topology/layout'
import { toneOfCard } from '../../../src/dashboard/page/topology/tones'
import { sensorParts } from './made-up'

const graph = graphOf({ parts: sensorParts })
const named = (of: Graph) => of.cards.map(({ title, steps }) => [title, ...steps.map(({ name }) => name)].join(' | '))

describe('the graph of the sensors topology', () => {
  it('has every step once', () => {
    const steps = graph.cards.flatMap(card => card.steps.map(({ name }) => name))
    expect(steps.sort()).toEqual(sensorParts.flatMap(({ nodes }) => nodes.map(({ name }) => name)).sort())
  })

  it('has a topic or end with its only reader and writer, and a row of steps, in one card', () => {
    expect(named(graph)).toEqual(
      expect.arrayContaining([
        'sensor_data | sensor_data',
        'postgres:sensor_data | postgres:sensor_data',
        'sensors-by-sensor-repartition | by-sensor-repartition | by-sensor-repartitioned',
        ' | selectKey-3',
        ' | by-sensor-placed',
        ' | rollup-10s | toStream-8 | map-9',
        'sensor_data_10s | to-10 | sensor_data_10s-reader',
      ]),
    )
  })

  it('leads from part to part through topics, each edge with the flow of who hands on', () => {
    const from = (title: string) => graph.edges.filter(edge => edge.from === title)
    expect(from('topic sensor_data_10s').map(({ to }) => to)).toEqual([
      'end mqtt:sensors/{sensor_id}/10s',
      'end postgres:sensor_data_10s',
    ])
    expect(from('steps rollup-10s')).toEqual([{ from: 'steps rollup-10s', to: 'topic sensor_data_10s', step: 'map-9' }])
  })
})

it('has a topic of several readers in a card of its own', () => {
  const source = (name: string) => ({ name, kind: 'source', parents: [], stores: [], reads: 'orders' })
  const { cards, edges } = graphOf({ parts: [{ id: 0, nodes: [source('a'), source('b')] }] })
  expect(cards.map(({ id }) => id)).toEqual(['topic orders', 'steps a', 'steps b'])
  expect(edges.map(({ to, step }) => [to, step])).toEqual([
    ['steps a', 'a'],
    ['steps b', 'b'],
  ])
})

it('bears a circle of topics', () => {
  const nodes = [
    { name: 'in', kind: 'source', parents: [], stores: [], reads: 'loop' },
    { name: 'again', kind: 'to', parents: ['in'], stores: [], writes: 'loop' },
  ]
  const { places } = layOut(graphOf({ parts: [{ id: 0, nodes }] }))
  expect(places).toHaveLength(1)
})

describe('the layout', () => {
  it('is the same each time', () => expect(layOut(graph)).toEqual(layOut(graphOf({ parts: sensorParts }))))

  it('goes down where across would be too small to read', () => {
    expect(fittingLayout(graph, 1700).direction).toBe('across')
    const narrow = fittingLayout(graph, 1000)
    expect(narrow.direction).toBe('down')
    expect(narrow.width).toBeLessThanOrEqual(1000)
  })

  it('takes seven columns for the sensors topology', () => {
    expect(new Set(layOut(graph).places.map(({ x }) => x)).size).toBe(7)
  })

  it('has each card beyond those that lead to it, none over another, and all within', () => {
    const step = fc.record({ parents: fc.array(fc.nat(11), { maxLength: 3 }), end: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('across', 'down'),
        (drawn, direction) => {
          const nodes = drawn.map(({ parents, end }, at) => ({
            ...{ name: `n${at}`, kind: 'map', stores: [] },
            parents: [...new Set(parents)].filter(each => each < at).map(each => `n${each}`),
            ...(end && { writes: `end${at % 3}`, end: `end${at % 3}` }),
          }))
          const made = graphOf({ parts: [{ id: 0, nodes }] })
          const { places, width, height } = layOut(made, direction)
          const at = new Map(places.map(place => [place.card.id, place]))
          expect(places.flatMap(({ card }) => card.steps)).toHaveLength(nodes.length)
          for (const { x, y, height: tall } of places) {
            expect(x).toBeGreaterThanOrEqual(0)
            expect(x + sizes.width).toBeLessThanOrEqual(width)
            expect(y).toBeGreaterThanOrEqual(0)
            expect(y + tall).toBeLessThanOrEqual(height)
          }
          for (const a of places)
            for (const b of places) {
              const isBeside = a.x >= b.x + sizes.width || b.x >= a.x + sizes.width
              if (a !== b) expect(isBeside || a.y >= b.y + b.height || b.y >= a.y + a.height).toBe(true)
            }
          // A step that writes to an end that others write to as well may close a circle of cards, never one of steps.
          for (const { from, to } of made.edges)
            if (from.startsWith('steps') && to.startsWith('steps')) {
              const way = direction === 'across' ? 'x' : 'y'
              expect(at.get(to)?.[way] ?? 0).toBeGreaterThan(at.get(from)?.[way] ?? 0)
            }
        },
      ),
    )
  })

  it('gives a card the height of what stands in it', () => {
    expect(heightOf({ id: '', kind: 'steps', title: '', steps: [] })).toBe(2)
    expect(heightOf({ id: '', kind: 'topic', title: 'a', steps: [] })).toBe(32)
  })
})

describe('an edge', () => {
  it('is as thick as its flow, and can always be seen', () => {
    expect(edgeWidth(0, 100)).toBe(1)
    expect(edgeWidth(100, 100)).toBe(8)
    expect(edgeWidth(1, 100)).toBeCloseTo(1.93, 1)
    expect(edgeWidth(5, 0)).toBe(1)
  })
  it('goes from the right side of one card to where its arrow meets the left side of the other', () => {
    const [first] = layOut(graph).places
    if (first === undefined) throw new Error('nothing is laid out')
    expect(edgePath({ ...first, x: 0, y: 0, height: 40 }, { ...first, x: 284, y: 60, height: 40 }, 'across')).toBe(
      'M184 20C229.5 20 229.5 80 275 80',
    )
  })
})

it('has the tone of the worst within', () => {
  const [card] = graph.cards.filter(({ title }) => title === 'postgres:sensor_data')
  if (card === undefined) throw new Error('no such card')
  expect(toneOfCard(card, { nodes: {}, ends: {} })).toBe('green')
  expect(toneOfCard(card, { nodes: {}, ends: { 'postgres:sensor_data': 'red' } })).toBe('red')
  expect(toneOfCard(card, { nodes: { 'postgres:sensor_data': 'amber' }, ends: {} })).toBe('amber')
})
