import { type HeaderList, headersFrom, listOf } from '../../src/header-lists'
import { headersOf, heldHeaders } from '../../src/state/held-headers'

const restored = (held: unknown) => JSON.parse(JSON.stringify(held))

test('headers that wait in a store come back with repeated names, nulls, their order and names that are no UTF-8', () => {
  const list: HeaderList = [
    ['b', Buffer.from('1')],
    ['a', null],
    ['b', Buffer.from([0xff, 0])],
    ['7', Buffer.alloc(0)],
    ['__proto__', Buffer.from('x')],
    [Buffer.from([0xfe]), Buffer.from('y')],
  ]
  expect(listOf(headersOf(restored(heldHeaders(headersFrom(list)))))).toEqual(list)
})

test('plain headers are kept by name, as changelogs of before have them', () => {
  const held = heldHeaders(headersFrom([['a', Buffer.from('1')]]))
  expect(held).toEqual({ a: 'MQ==' })
  expect({ ...headersOf(restored(held)) }).toEqual({ a: Buffer.from('1') })
  expect(listOf(headersOf(held))).toBeUndefined()
})
