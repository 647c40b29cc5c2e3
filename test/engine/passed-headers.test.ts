import { json, text, topology } from '../../src'
import { MemoryEnd } from '../../src/connectors/memory/memory-end'
import { type HeaderList, headersFrom, listOf } from '../../src/header-lists'
import { MemoryWorker } from '../testing/memory-worker'

const list: HeaderList = [
  ['a', Buffer.from('1')],
  ['7', Buffer.from('x')],
  ['a', Buffer.from('2')],
  ['n', null],
  ['__proto__', Buffer.from('y')],
  [Buffer.from([0xff]), Buffer.from('z')],
]

test('headers go on, through a repartition too, and aside, with repeated names, nulls and their order', async () => {
  const serdes = { key: text, value: json<number>() }
  const job = topology('headers', s => {
    const numbers = s.stream('in', serdes)
    numbers.to('out', serdes)
    numbers
      .selectKey(value => `${value}`)
      .repartition({ name: 'again', ...serdes })
      .to('later', serdes)
  })
  const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
  const worker = await MemoryWorker.start(job, { topics: { in: 1, out: 1, later: 1 }, ends }, broker => {
    for (const value of ['1', 'no number'])
      broker.write(
        { topic: 'in', partition: 0 },
        { key: null, value: Buffer.from(value), timestamp: 1, headerList: list },
      )
  })
  await worker.settled()
  await worker.until(() => worker.read('later').length > 0)
  await worker.stop()
  for (const topic of ['out', 'later']) expect(worker.read(topic).map(({ headerList }) => headerList)).toEqual([list])
  const [letter] = worker.read('in_dead_letters')
  expect(letter?.headerList?.slice(0, list.length)).toEqual(list)
  expect(letter?.headerList?.map(([name]) => name)).toContain('weir.error.message')
})

test('an author sees the last value of a repeated name; of plain headers nothing is remembered', () => {
  const headers = headersFrom(list)
  expect(Object.entries(headers).map(([name, value]) => `${name} ${value}`)).toEqual(
    expect.arrayContaining(['a 2', '7 x', 'n ', '__proto__ y']),
  )
  expect(listOf(headers)).toBe(list)
  expect(listOf(headersFrom([['a', Buffer.from('1')]]))).toBeUndefined()
  expect(listOf({ ...headers })).toBeUndefined()
})
