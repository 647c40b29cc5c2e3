import { input, plays } from './play'

test('has the records of both streams in the order of their arrival', () =>
  plays(
    streams => input(streams, 'left').merge(input(streams, 'right')),
    `
    left a 1 @5
      → out a 1 @5
    right a 2 @3
      → out a 2 @3
    left null null @6
      → out null null @6
    `,
  ))

test('has a record twice that comes by both ways, first by the one that was built first', () =>
  plays(
    streams => {
      const all = input(streams)
      return all.mapValues(value => `first ${value}`).merge(all.mapValues(value => `second ${value}`))
    },
    `
    in a 1 @5
      → out a "first 1" @5
      → out a "second 1" @5
    `,
  ))

test('is rekeyed where one side is', async () => {
  const driver = await plays(
    streams =>
      input(streams, 'left')
        .merge(input(streams, 'right').selectKey(value => value))
        .groupByKey()
        .count({ name: 'counted' }),
    `
    left a "x" @5
      → out a 1 @5
    right a "x" @6
      → out x 1 @6
    `,
  )
  expect(driver.read('played-counted-repartition')).toHaveLength(2)
})
