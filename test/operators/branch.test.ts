import { input, plays, serdes } from './play'

const split = (calls: unknown[] = []) => {
  const isOver = (limit: number) => (value: number) => {
    calls.push([limit, value])
    return value > limit
  }
  return { huge: isOver(100), large: isOver(10) }
}

test('a record goes to the first branch whose predicate holds, and else to the default', async () => {
  const calls: unknown[] = []
  await plays(
    streams => {
      const branches = input(streams).split(split(calls), { default: 'small' })
      for (const [name, stream] of Object.entries(branches)) stream.to(name, serdes)
    },
    `
    in a 50 @5
      → large a 50 @5
    in a 500 @4
      → huge a 500 @4
    in a null @6
      → small a null @6
    in null 1 @7
      → small null 1 @7
    `,
  )
  // Each predicate once a record, and none after the first that holds.
  expect(calls).toEqual([
    [100, 50],
    [10, 50],
    [100, 500],
    [100, null],
    [10, null],
    [100, 1],
    [10, 1],
  ])
})

test('without a default, what no predicate holds for is dropped', () =>
  plays(
    streams => {
      const { huge, large } = input(streams).split(split())
      return huge.merge(large)
    },
    `
    in a 5 @5
    in a 50 @6
      → out a 50 @6
    `,
  ))

test('a record that comes a second time is judged anew', () =>
  plays(
    streams => {
      let n = 0
      const { odd } = input(streams).split({ odd: () => n++ % 2 === 1 })
      return odd
    },
    `
    in a 1 @5
    in a 1 @5
      → out a 1 @5
    `,
  ))
