import type { StreamRecord } from '../../src'
import { input, plays } from './play'

test('shows each record to an action and passes it on, whatever that returns', async () => {
  const seen: StreamRecord[] = []
  await plays(
    streams => input(streams).peek(record => seen.push(record)),
    `
    in a 1 @5
      → out a 1 @5
    in null null @4
      → out null null @4
    `,
  )
  expect(seen).toEqual([
    { key: 'a', value: 1, timestamp: 5 },
    { key: null, value: null, timestamp: 4 },
  ])
})

test('forEach does the same at the end of a stream', async () => {
  const seen: unknown[] = []
  await plays(streams => input(streams).forEach(({ value }) => void seen.push(value)), 'in a 1 @5')
  expect(seen).toEqual([1])
})

test('an action that throws is the fault of its record', () =>
  plays(
    streams =>
      input(streams).peek(({ value }) => {
        if (value === 1) throw new Error('not that one')
      }),
    `
    in a 1 @5
      → in_dead_letters a 1 @5
    in a 2 @6
      → out a 2 @6
    `,
  ))
