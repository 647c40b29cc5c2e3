import { json, text } from '../../../src'
import type { GraphNode } from '../../../src/dsl/graph'
import { NewSteps } from '../../../src/engine/plan/passes/new-steps'

const step = (id: number, kind: string, parents: number[], spec: object = {}) =>
  ({ id, kind, name: `n${id}`, parents, spec, stores: [] }) as unknown as GraphNode

test('a step that is kept has the next id, its new parents, and what it names under that id', () => {
  const steps = new NewSteps()
  steps.add(step(0, 'peek', []))
  expect(steps.keep(step(5, 'source', []), [])).toBe(1)
  expect(steps.keep(step(6, 'late', [5], { of: 5 }), [1])).toBe(2)
  expect(steps.keep(step(7, 'peek', [5], { of: 5 }), [1])).toBe(3)
  expect([...steps.ids]).toEqual([
    [5, 1],
    [6, 2],
    [7, 3],
  ])
  expect(steps.nodes.map(({ id, parents, spec }) => ({ id, parents, spec }))).toEqual([
    { id: 0, parents: [], spec: {} },
    { id: 1, parents: [], spec: {} },
    { id: 2, parents: [1], spec: { of: 1 } },
    { id: 3, parents: [1], spec: { of: 5 } },
  ])
})

test('a repartition is a step that writes and a source that reads the same topic, as it is written', () => {
  const steps = new NewSteps()
  steps.add(step(0, 'peek', []))
  const [key, value] = [text, json<any>()]
  expect(steps.addRepartition('x', 0, { topic: 't', key, value, only: 'misplaced' })).toEqual({ out: 1, back: 2 })
  expect(steps.addRepartition('y', 0, { topic: 'u' })).toEqual({ out: 3, back: 4 })
  const read = { owner: 'weir', onBadRecord: 'fail', internal: 'repartition' }
  expect(steps.nodes.slice(1)).toEqual([
    {
      ...{ id: 1, kind: 'repartition', name: 'x-repartition', parents: [0], stores: [] },
      spec: { topic: 't', key, value, only: 'misplaced' },
    },
    {
      id: 2,
      kind: 'source',
      name: 'x-repartitioned',
      parents: [],
      stores: [],
      spec: { topic: 't', ...read, key, value },
    },
    { id: 3, kind: 'repartition', name: 'y-repartition', parents: [0], stores: [], spec: { topic: 'u' } },
    { id: 4, kind: 'source', name: 'y-repartitioned', parents: [], stores: [], spec: { topic: 'u', ...read } },
  ])
})
