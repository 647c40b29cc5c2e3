import type { KStream } from '../../src'
import { memory } from '../../src/connectors/memory/memory-target'
import { input, plays } from './play'

const end = memory({ name: 'end', refuse: ({ value }) => (value === 'bad' ? 'it is bad' : undefined) })
const into = (stream: KStream<any, any>) => stream.to(end)

test('hands every record to its end, tombstones and null keys too, with the place that it came from', async () => {
  const driver = await plays(
    streams => into(input(streams)),
    `
    in a 1 @5
    in a null @4
    in null 2 @6
    `,
  )
  const at = (offset: number) => ({ origin: { topic: 'in', partition: 0, offset } })
  expect(driver.written('end')).toEqual([
    { key: 'a', value: 1, timestamp: 5, ...at(0) },
    { key: 'a', value: null, timestamp: 4, ...at(1) },
    { key: null, value: 2, timestamp: 6, ...at(2) },
  ])
})

test('a record that its target refuses is a dead letter, and the others are written once, over a crash', async () => {
  const driver = await plays(
    streams => into(input(streams)),
    `
    in a 1 @5
    in a "bad" @6
      → in_dead_letters a "bad" @6
    crash
    in a 2 @7
    `,
  )
  expect(driver.written('end').map(({ value }) => value)).toEqual([1, 2])
})

test('behind a step with memory, an end is given what the outbox topic holds', async () => {
  const driver = await plays(
    streams => into(input(streams).groupByKey().count({ name: 'counted' }).toStream()),
    `
    in a "x" @5
      → played-toStream-2-outbox a 1 @5
    in a "y" @6
      → played-toStream-2-outbox a 2 @6
    `,
  )
  expect(driver.written('end').map(({ key, value }) => [key, value])).toEqual([
    ['a', 1],
    ['a', 2],
  ])
  expect(driver.written('end')[0]?.origin.topic).toBe('played-toStream-2-outbox')
})
