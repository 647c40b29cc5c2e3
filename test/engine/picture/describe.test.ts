import { json, mqtt, text, topology } from '../../../src'
import { describe as described, describedParts, mermaid } from '../../../src/engine/picture/describe'
import { planOf } from '../../../src/engine/plan/plan'
import { ConfigError } from '../../../src/errors'

const serdes = { key: text, value: json<any>() }
const shop = topology('shop', s => {
  const orders = s.stream('orders', serdes)
  const good = orders.filter(() => true, { name: 'good' })
  good.to(mqtt({ topic: 'live', value: () => Buffer.from('x') }))
  good.to(({ key }) => `by-${key}`, { ...serdes, name: 'routed' })
  orders
    .groupBy(value => value.id as string, { name: 'by' })
    .count({ name: 'counts' })
    .toStream({ name: 'changes' })
    .to('numbers', { ...serdes, name: 'written' })
})

test('a topology is described part by part: each step with its topic or kind, its stores and its neighbours', () => {
  const lines = described(shop).split('\n')
  expect(lines[0]).toBe('Topology: shop')
  const steps = lines.filter(line => !/^ {6}|^Topology|^ {2}Sub/.test(line)).map(line => line.trim())
  const by = shop.nodes.find(({ kind }) => kind === 'selectKey')!.name
  const again = 'shop-by-repartition'
  const [out, back] = ['repartition', 'source'].map(
    kind => shop.nodes.find(node => node.kind === kind && (node.spec as { topic?: string }).topic === again)!.name,
  )
  const sink = shop.nodes.find(({ kind }) => kind === 'sink')!.name
  expect(steps).toEqual([
    'Source: orders (topics: [orders])',
    'Processor: good (filter)',
    `Sink: ${sink} (topic: mqtt:live)`,
    'Sink: routed (topic: a topic chosen per record)',
    `Processor: ${by} (selectKey)`,
    `Sink: ${out} (topic: ${again})`,
    `Source: ${back} (topics: [${again}])`,
    'Processor: counts (aggregate)',
    'Processor: changes (toStream)',
    'Sink: written (topic: numbers)',
  ])
  expect(lines.filter(line => line.startsWith('  Sub-topology'))).toEqual(['  Sub-topology: 0', '  Sub-topology: 1'])
  const at = lines.indexOf('    Processor: counts (aggregate)')
  expect(lines.slice(at, at + 4)).toEqual([
    '    Processor: counts (aggregate)',
    '      stores: counts',
    '      --> changes',
    `      <-- ${back}`,
  ])
  const good = lines.indexOf('    Processor: good (filter)')
  expect(lines.slice(good + 1, good + 4)).toEqual([
    `      --> ${sink}, routed`,
    '      <-- orders',
    `    Sink: ${sink} (topic: mqtt:live)`,
  ])
  // A source has nothing before it, and the last step nothing behind it.
  expect(lines[lines.indexOf('    Source: orders (topics: [orders])') + 2]).toBe('    Processor: good (filter)')
  expect(lines.slice(-2)).toEqual(['    Sink: written (topic: numbers)', '      <-- changes'])
})

test('what is written to an end names the end, what is read or written in Kafka the topic', () => {
  const nodes = describedParts(planOf(shop)).flatMap(part => part.nodes)
  const of = (name: string) => nodes.find(node => node.name === name)
  expect(of('orders')).toEqual({ name: 'orders', kind: 'source', stores: [], parents: [], reads: 'orders' })
  expect(of('good')).toEqual({ name: 'good', kind: 'filter', stores: [], parents: ['orders'] })
  expect(of('written')).toEqual({ name: 'written', kind: 'to', stores: [], parents: ['changes'], writes: 'numbers' })
  expect(nodes.find(({ kind }) => kind === 'sink')).toMatchObject({ writes: 'mqtt:live', end: 'mqtt:live' })
})

test('as a flowchart each part is a subgraph, each topic and end one rounded box, and every line an arrow', () => {
  const small = topology('small', s => {
    const a = s.stream('a', serdes)
    a.filter(() => true, { name: 'say "yes"' }).to('b', { ...serdes, name: 'w1' })
    a.to('b', { ...serdes, name: 'w2' })
    s.stream('c', serdes).to('d', { ...serdes, name: 'w3' })
  })
  expect(mermaid(small).split('\n')).toEqual([
    'flowchart LR',
    '  subgraph s0[Sub-topology 0]',
    '    n0["a"]',
    '    n1["say #quot;yes#quot;"]',
    '    n2["w1"]',
    '    n3["w2"]',
    '  end',
    '  subgraph s1[Sub-topology 1]',
    '    n4["c"]',
    '    n5["w3"]',
    '  end',
    '  e0(["a"])',
    '  e1(["b"])',
    '  e2(["c"])',
    '  e3(["d"])',
    '  e0 --> n0',
    '  n0 --> n1',
    '  n1 --> n2',
    '  n2 --> e1',
    '  n0 --> n3',
    '  n3 --> e1',
    '  e2 --> n4',
    '  n4 --> n5',
    '  n5 --> e3',
  ])
})

test('what is no topology is refused by name', () => {
  expect(() => described({} as never)).toThrow(ConfigError)
  expect(() => described({} as never)).toThrow(/^describe needs a topology/)
  expect(() => mermaid({} as never)).toThrow(/^mermaid needs a topology/)
})
