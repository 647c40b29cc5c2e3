import { input, plays, serdes } from './play'

test('writes keys, values and times as they are, tombstones and null keys too', () =>
  plays(
    streams => input(streams).to('there', serdes),
    `
    in a 1 @5
      → there a 1 @5
    in a null @4
      → there a null @4
    in null 2 @6
      → there null 2 @6
    `,
  ))

test('writes to the topic that a function gives', () =>
  plays(
    streams => input(streams).to(({ value }) => (value > 5 ? 'large' : 'small'), serdes),
    `
    in a 7 @5
      → large a 7 @5
    in a 1 @6
      → small a 1 @6
    `,
  ))

test('a value that its serde refuses is the fault of the record', () =>
  plays(
    streams =>
      input(streams)
        .mapValues(value => (value === 1 ? 1n : value))
        .to('there', serdes),
    `
    in a 1 @5
      → in_dead_letters a 1 @5
    in a 2 @6
      → there a 2 @6
    `,
  ))

test('writes to the partition of the key, or the one that the author chooses', async () => {
  const driver = await plays(
    streams => input(streams).to('there', { ...serdes, partition: ({ value }, count) => value % count }),
    `
    in a 4 @5
      → there a 4 @5
    in a 5 @6
      → there a 5 @6
    `,
    { partitions: 3 },
  )
  const written = driver.kafka.log.filter(({ topic }) => topic === 'there')
  expect(written.map(({ partition }) => partition)).toEqual([1, 2])
})
