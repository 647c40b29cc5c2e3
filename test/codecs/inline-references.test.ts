import { Type } from 'avsc'
import { inlineReferences } from '../../src/codecs/inline-references'

const record = (name: string, namespace: string | undefined, ...types: unknown[]) => ({
  ...{ type: 'record', name, ...(namespace === undefined ? {} : { namespace }) },
  fields: types.map((type, i) => ({ name: `f${i}`, type })),
})

/** The value's bytes under the schema as avsc reads it: what is not one schema, it throws at. */
const takes = (schema: unknown, value: unknown) => Type.forSchema(schema as never).isValid(value)

test('a type is written out where it occurs first, and named from then on', () => {
  const address = record('Address', 'shop', 'string')
  const order = record('Order', 'shop', 'Address', 'shop.Address', { type: 'array', items: 'Address' })
  const whole = inlineReferences(order, [address])
  expect(whole).toEqual({
    ...order,
    fields: [
      { name: 'f0', type: address },
      { name: 'f1', type: 'shop.Address' },
      { name: 'f2', type: { type: 'array', items: 'shop.Address' } },
    ],
  })
  expect(takes(whole, { f0: { f0: 'a' }, f1: { f0: 'b' }, f2: [] })).toBe(true)
})

test('types within referenced ones are known too, whichever is used first', () => {
  const inner = record('Inner', undefined, 'int')
  const outer = record('Outer', 'a', inner)
  for (const [first, second] of [
    ['a.Inner', 'a.Outer'],
    ['a.Outer', 'a.Inner'],
  ]) {
    const whole = inlineReferences(record('R', 'b', first, ['null', second]), [outer])
    const [one, two] = first === 'a.Inner' ? [{ f0: 1 }, { f0: { f0: 1 } }] : [{ f0: { f0: 1 } }, { f0: 1 }]
    expect(takes(whole, { f0: one, f1: two })).toBe(true)
    expect(takes(whole, { f0: two, f1: one })).toBe(false)
  }
})

test('names without namespace stay what they are among those that have one', () => {
  const unit = { type: 'enum', name: 'Unit', symbols: ['C', 'F'] }
  const whole = inlineReferences(record('R', 'b', '.Unit', { type: 'map', values: '.Unit' }), [unit])
  expect(takes(whole, { f0: 'C', f1: { a: 'F' } })).toBe(true)
})

test('a type that contains itself, logical types, defaults and aliases are kept', () => {
  const node = record('Node', 'a', { type: 'long', logicalType: 'timestamp-micros' }, ['null', 'Node'])
  const tree = { ...node, aliases: ['Tree'], fields: node.fields.map(field => ({ ...field, default: null })) }
  expect(inlineReferences('a.Node', [tree])).toEqual({
    ...tree,
    fields: [tree.fields[0], { ...tree.fields[1], type: ['null', 'a.Node'] }],
  })
})

test('what nobody defines stays a name', () => {
  expect(inlineReferences(record('R', 'a', 'Missing'), [record('Other', 'a')])).toEqual(record('R', 'a', 'Missing'))
})
