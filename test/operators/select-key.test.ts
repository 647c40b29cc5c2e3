import { input, plays } from './play'

test('gives each record another key; value and time stay', () =>
  plays(
    streams => input(streams).selectKey((value, key) => value?.id ?? `no id, ${key}`),
    `
    in a {"id":"x"} @5
      → out x {"id":"x"} @5
    in a null @4
      → out no id, a null @4
    in null {"id":"y"} @6
      → out y {"id":"y"} @6
    `,
  ))

test('a keyed step behind it gets the records through a repartition topic, without those that have no key', async () => {
  const driver = await plays(
    streams =>
      input(streams)
        .selectKey(value => value.id)
        .groupByKey()
        .count({ name: 'counted' }),
    `
    in a {"id":"x"} @5
      → out x 1 @5
    in b {"id":null} @6
    in c {"id":"x"} @7
      → out x 2 @7
    `,
  )
  expect(driver.read('played-counted-repartition').map(({ key }) => key)).toEqual(['x', 'x'])
})
