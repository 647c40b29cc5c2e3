import type { JoinWindows, StreamsBuilder } from '../../src'
import type { JoinType } from '../../src/dsl/graph'
import { input, pair, plays } from './play'

const windows = { beforeMs: 10, afterMs: 5, graceMs: 0 }
const sides = (streams: StreamsBuilder) => [input(streams, 'left'), input(streams, 'right')] as const
const joined =
  (type: JoinType, within: JoinWindows = windows) =>
  (streams: StreamsBuilder) => {
    const [left, right] = sides(streams)
    const options = { name: 'joined', windows: within, joiner: pair }
    if (type === 'inner') return left.join(right, options)
    return type === 'left' ? left.leftJoin(right, options) : left.outerJoin(right, options)
  }

test('join: records of a key meet that are no further apart than the windows say, bounds included, each pair once', () =>
  plays(
    joined('inner'),
    `
    left a 1 @100
    right a 2 @90
      → out a [1,2] @100
    right a 3 @89
    right a 4 @105
      → out a [1,4] @105
    right a 5 @106
    right b 6 @100
    left a 7 @100
      → out a [7,4] @105
    `,
  ))

test('records without value are dropped, and without key in an inner join', () =>
  plays(
    joined('inner'),
    `
    left a null @1
    right a 1 @1
    left null 2 @1
    right null 3 @1
    `,
  ))

test('leftJoin: a left record without partner comes once none can come any more, and a right one never', () =>
  plays(
    joined('left'),
    `
    left a 1 @100
    left b 2 @101
    right a 3 @104
      → out a [1,3] @104
    right c 4 @105
    right d 5 @106
    left e 6 @107
      → out b [2,null] @101
    left null 7 @108
      → out null [7,null] @108
    right null 8 @109
    `,
  ))

test('outerJoin: records of either side without partner come in order of time', () =>
  plays(
    joined('outer'),
    `
    right a 1 @100
    left b 2 @101
    left null 3 @102
      → out null [3,null] @102
    right null 4 @103
      → out null [null,4] @103
    left c 5 @130
      → out a [null,1] @100
      → out b [2,null] @101
    `,
  ))

test('a partner that comes within the grace is met, and one after it is not', () =>
  plays(
    joined('left', { ...windows, graceMs: 20 }),
    `
    left a 1 @100
    right z 0 @125
    right a 2 @99
      → out a [1,2] @100
    left b 3 @125
    left z 0 @150
    left z 0 @151
      → out b [3,null] @125
    left z 0 @160
    right b 4 @125
    `,
  ))

test('a record whose windows time has passed has its outer result at once, and meets who comes within the grace all the same', () =>
  plays(
    joined('left', { ...windows, graceMs: 20 }),
    `
    right z 1 @120
    left a 2 @110
      → out a [2,null] @110
    right a 3 @109
      → out a [2,3] @110
    `,
  ))

test('what has no partner comes when time goes on by itself, after a crash too, and nothing is kept of it', async () => {
  const driver = await plays(
    joined('outer', { beforeMs: 10, afterMs: 10, graceMs: 5 }),
    `
    left a 1 @100
    right b 2 @101
    crash
    time @115
    time @117
      → out a [1,null] @100
      → out b [null,2] @101
    `,
  )
  expect(driver.store('joined-pending').size).toBe(0)
})

test('state stays within the windows', async () => {
  const records = Array.from({ length: 500 }, (_, t) => `${t % 2 ? 'left' : 'right'} k${t % 7} ${t} @${t}`)
  const driver = await plays(streams => void joined('outer')(streams), records.join('\n'))
  for (const store of ['joined-left', 'joined-right', 'joined-pending'])
    expect(driver.store(store).size).toBeLessThan(20)
})

test('sides whose key moved meet behind repartition topics named after the join', async () => {
  const driver = await plays(
    streams => {
      const [left, right] = sides(streams)
      return left
        .selectKey(({ id }) => id as string)
        .join(
          right.selectKey(({ id }) => id as string),
          { name: 'both', windows, joiner: (l, r) => [l.v, r.v] },
        )
    },
    `
    left x {"id":"a","v":1} @100
    right y {"id":"a","v":2} @101
      → out a [1,2] @101
    left z {"id":"b","v":3} @102
    right z {"id":"b","v":4} @103
      → out b [3,4] @103
    `,
    { partitions: 4 },
  )
  expect(driver.read('played-both-left-repartition')).toHaveLength(2)
  expect(driver.read('played-both-right-repartition')).toHaveLength(2)
})

test('a stream meets itself: each record its own, then those around it, once from each side', () =>
  plays(
    streams => {
      const all = input(streams)
      return all.join(all, { name: 'joined', windows, joiner: pair })
    },
    `
    in a 1 @100
      → out a [1,1] @100
    in a 2 @101
      → out a [2,1] @101
      → out a [1,2] @101
      → out a [2,2] @101
    `,
  ))
