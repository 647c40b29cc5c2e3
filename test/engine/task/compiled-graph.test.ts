import type { GraphNode } from '../../../src/dsl/graph'
import { compile, StepOutput } from '../../../src/engine/task/compiled-graph'
import type { Operator, OperatorContext } from '../../../src/operators/operator'
import type { StreamRecord } from '../../../src/record'

const record = (value: unknown): StreamRecord => ({ key: 'k', value, timestamp: 0 })

describe('what a step sends on', () => {
  it('reaches all that follow it, in their order, and is counted', () => {
    const output = new StepOutput()
    const seen: unknown[] = []
    output.subscribe(({ value }) => seen.push(['first', value]))
    output.subscribe(({ value }) => seen.push(['second', value]))
    expect(output.passed).toBe(0)
    output.next(record(1))
    output.next(record(2))
    expect(seen).toEqual([
      ['first', 1],
      ['second', 1],
      ['first', 2],
      ['second', 2],
    ])
    expect(output.passed).toBe(2)
  })

  it('is sampled when somebody asks for it: the next few, once', () => {
    const output = new StepOutput()
    let next = 0
    const send = (count: number) => {
      for (let i = 0; i < count; i++) output.next(record(next++))
    }
    const take = (count: number) => output.takeSamples(count).map(({ value }) => value)
    send(2)
    expect(take(2)).toEqual([])
    send(5)
    expect(take(3)).toEqual([2, 3])
    send(1)
    expect(take(0)).toEqual([7])
    send(2)
    expect(take(1)).toEqual([])
    expect(output.passed).toBe(10)
  })
})

describe('a compiled graph', () => {
  const noTask = { fail: (_: GraphNode, error: unknown) => fail(error) } as unknown as OperatorContext
  const fail = (error: unknown) => {
    throw error
  }
  let ids = 0
  const node = (kind: string, parents: readonly GraphNode[] = [], spec: object = {}) =>
    ({ id: ++ids, name: `${kind}-${ids}`, kind, parents: parents.map(({ id }) => id), spec }) as unknown as GraphNode

  it('hands each record to the steps behind its source, depth first, in the order of their creation', () => {
    const seen: unknown[] = []
    const peek = (name: string, ...parents: GraphNode[]) =>
      node('peek', parents, { action: ({ value }: StreamRecord) => seen.push(`${name}${value}`) })
    const source = node('source')
    const first = peek('a', source)
    const second = peek('b', source)
    const behind = peek('c', first)
    const compiled = new Map<number, Operator>()
    const graph = compile([source, first, second, behind], noTask, compiled)
    graph.entries.get(source.id)!.next(record(1))
    graph.entries.get(source.id)!.next(record(2))
    expect(seen).toEqual(['a1', 'c1', 'b1', 'a2', 'c2', 'b2'])
    expect([...graph.entries.keys()]).toEqual([source.id])
    expect([...graph.outputs].map(([id, { passed }]) => [id, passed])).toEqual([
      [source.id, 2],
      [first.id, 2],
      [second.id, 2],
      [behind.id, 2],
    ])
    expect(graph.operators).toBe(compiled)
    expect([...compiled.keys()]).toEqual([first.id, second.id, behind.id])
  })

  it('gives each parent of a step an input of its own', () => {
    const [left, right] = [node('source'), node('globalSource')]
    const merged = node('merge', [left, right])
    const graph = compile([left, right, merged], noTask, new Map())
    const seen: unknown[] = []
    graph.outputs.get(merged.id)!.subscribe(({ value }) => seen.push(value))
    graph.entries.get(right.id)!.next(record('r'))
    graph.entries.get(left.id)!.next(record('l'))
    expect(seen).toEqual(['r', 'l'])
    expect(graph.outputs.get(merged.id)!.passed).toBe(2)
    expect([...graph.entries.keys()]).toEqual([left.id, right.id])
  })

  it('has an entry for a step that follows from none, and none without its operator', () => {
    const alone = node('merge')
    const graph = compile([alone], noTask, new Map())
    expect(graph.entries.get(alone.id)).toBe(graph.outputs.get(alone.id))
    expect(() => compile([node('no such')], noTask, new Map())).toThrow('the operator of no such')
  })
})
