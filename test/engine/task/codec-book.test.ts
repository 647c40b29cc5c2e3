import type { Codec, CodecContext, SchemaRegistry, Serde } from '../../../src/codecs/codec'
import type { GraphNode, Topology } from '../../../src/dsl/graph'
import { bindCodecs } from '../../../src/engine/task/codec-book'
import { TopologyError, UnavailableError } from '../../../src/errors'

const registry = {} as SchemaRegistry

/** A serde that tells what it is bound with; `fault`: it can't be. */
function serdeOf(name: string, fault?: Error) {
  const bound: CodecContext[] = []
  const codec: Codec<unknown> = { encode: () => Buffer.from(name), decode: () => name }
  const serde: Serde<unknown> = {
    name,
    bind: async context => {
      bound.push(context)
      if (fault !== undefined) throw fault
      return codec
    },
  }
  return { serde, bound, codec }
}

interface Step {
  readonly kind: string
  readonly spec: object
  readonly parents?: readonly number[]
}

/** A topology of steps, whose ids are 1, 2, 3 and so on. */
const topologyOf = (...steps: readonly Step[]) =>
  ({
    nodes: steps.map(({ kind, spec, parents = [] }, i) => ({
      id: i + 1,
      name: `${kind}-${i + 1}`,
      kind,
      spec,
      parents,
    })),
  }) as unknown as Topology & { readonly nodes: readonly GraphNode[] }

test('the codecs of the steps that read or write a topic are bound, key and value, and of no others', async () => {
  const [key, value] = [serdeOf('key'), serdeOf('value')]
  const spec = { topic: 't', key: key.serde, value: value.serde }
  const book = await bindCodecs(
    topologyOf(
      { kind: 'source', spec },
      { kind: 'filter', spec: {}, parents: [1] },
      { kind: 'to', spec: { ...spec, topic: 'out' }, parents: [2] },
      { kind: 'repartition', spec: { ...spec, topic: 'inner' }, parents: [2] },
      { kind: 'globalSource', spec: { ...spec, topic: 'all' } },
    ),
    registry,
  )
  expect([...book.keys()]).toEqual([1, 3, 4, 5])
  expect(book.get(3)).toEqual({ key: key.codec, value: value.codec })
  expect(key.bound.map(({ topic, part }) => [topic, part])).toEqual(
    ['t', 'out', 'inner', 'all'].map(each => [each, 'key']),
  )
  expect(value.bound.map(({ topic, part }) => [topic, part])).toEqual(
    ['t', 'out', 'inner', 'all'].map(each => [each, 'value']),
  )
  expect(key.bound.every(each => each.registry === registry)).toBe(true)
})

test('a step that says nothing of its topic has text keys and JSON values', async () => {
  const book = await bindCodecs(topologyOf({ kind: 'repartition', spec: { topic: 'inner' }, parents: [9] }), registry)
  const { key, value } = book.get(1)!
  expect([key.encode('k'), value.encode({ n: 1 })]).toEqual([Buffer.from('k'), Buffer.from('{"n":1}')])
})

test('the values of a table are changes where the step says so', async () => {
  const { serde } = serdeOf('v')
  const spec = { topic: 'inner', value: serde }
  const book = await bindCodecs(
    topologyOf(
      { kind: 'repartition', spec: { ...spec, changes: true }, parents: [9] },
      { kind: 'repartition', spec: { ...spec, changes: false }, parents: [9] },
    ),
    registry,
  )
  const change = { newValue: 1, oldValue: null }
  expect([1, 2].map(id => book.get(id)!.value.encode(change)?.length)).toEqual([9, 1])
})

describe('what is asked of the registry', () => {
  const bindingOf = async (steps: (spec: object) => Step[], options?: Parameters<typeof bindCodecs>[2]) => {
    const { serde, bound } = serdeOf('value')
    await bindCodecs(topologyOf(...steps({ topic: 't', value: serde, owner: 'author' })), registry, options)
    return bound.map(({ use, isExpected }) => ({ use, isExpected }))
  }

  it('is, of a topic that is only read, that its schema is there', async () => {
    expect(await bindingOf(spec => [{ kind: 'source', spec }])).toEqual([{ use: 'read', isExpected: true }])
  })

  it('is nothing of a topic that the topology itself writes, or that is weir’s own', async () => {
    const [own] = await bindingOf(spec => [
      { kind: 'source', spec },
      { kind: 'to', spec: { topic: 't' }, parents: [1] },
    ])
    expect(own).toEqual({ use: 'read', isExpected: false })
    const internal = (spec: object) => [{ kind: 'source', spec: { ...spec, owner: 'weir' } }]
    expect(await bindingOf(internal)).toEqual([{ use: 'read', isExpected: false }])
  })

  it('is to write, for what is written, and for sources whose records a test pipes in', async () => {
    const both = { use: undefined, isExpected: undefined }
    expect(await bindingOf(spec => [{ kind: 'to', spec, parents: [7] }])).toEqual([both])
    expect(await bindingOf(spec => [{ kind: 'source', spec }], { pipes: true })).toEqual([both])
  })
})

describe('a topic that is chosen per record', () => {
  const topic = () => 't'

  it('has the name of its step for its codecs', async () => {
    const { serde, bound } = serdeOf('json')
    await bindCodecs(topologyOf({ kind: 'to', spec: { topic, value: serde }, parents: [7] }), registry)
    expect(bound.map(each => each.topic)).toEqual(['to-1'])
  })

  it('takes no Avro, whose subject is not known', async () => {
    const { serde } = serdeOf('avro reading')
    const step = (spec: object) =>
      bindCodecs(topologyOf({ kind: 'to', spec: { value: serde, ...spec }, parents: [7] }), registry)
    await expect(step({ topic })).rejects.toThrow(TopologyError)
    await expect(step({ topic: 't' })).resolves.toBeDefined()
  })
})

describe('a serde that can not be bound', () => {
  const fault = new TopologyError('incompatible')
  const steps = (bad: Error) => {
    const spec = (error?: Error) => ({ topic: 't', value: serdeOf('v', error).serde })
    return topologyOf(
      { kind: 'to', spec: spec(bad), parents: [7] },
      { kind: 'to', spec: spec(), parents: [7] },
      { kind: 'to', spec: spec(bad), parents: [7] },
    )
  }

  it('is told with its step', async () => {
    const failed = bindCodecs(steps(fault), registry)
    await expect(failed).rejects.toMatchObject({ message: 'step to-1: incompatible', cause: fault })
    await expect(failed).rejects.toBeInstanceOf(TopologyError)
  })

  it('is told with all others of its kind where somebody takes them', async () => {
    const faults: string[] = []
    const book = await bindCodecs(steps(fault), registry, { onFault: ({ message }) => faults.push(message) })
    expect([faults, [...book.keys()]]).toEqual([['step to-1: incompatible', 'step to-3: incompatible'], [2]])
  })

  it('while the registry is down is no fault of the step', async () => {
    const down = new UnavailableError('down')
    await expect(bindCodecs(steps(down), registry, { onFault: () => {} })).rejects.toBe(down)
  })
})
