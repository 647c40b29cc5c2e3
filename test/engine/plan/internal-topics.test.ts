import { json, type StreamsBuilder, text, topology } from '../../../src'
import { settleInternalTopics } from '../../../src/engine/plan/internal-topics'
import { planOf } from '../../../src/engine/plan/plan'

const serdes = { key: text, value: json<any>() }
const windows = { beforeMs: 10, afterMs: 10, graceMs: 0 }
const joiner = (l: unknown, r: unknown) => ({ l, r })

function settled(build: (streams: StreamsBuilder) => void, there: Readonly<Record<string, number>>) {
  const counts = new Map(Object.entries(there))
  settleInternalTopics(planOf(topology('app', build)).subTopologies, counts)
  return Object.fromEntries(counts)
}

const chained = (partitions?: number) => (s: StreamsBuilder) => {
  s.stream('in', serdes)
    .repartition({ name: 'one', ...(partitions && { partitions }) })
    .repartition({ name: 'two' })
    .repartition({ name: 'three' })
    .to('out', serdes)
}

test('topics in a row are as wide as what is written into the first', () => {
  expect(settled(chained(), { in: 3 })).toEqual({
    in: 3,
    ...{ 'app-one-repartition': 3, 'app-two-repartition': 3, 'app-three-repartition': 3 },
  })
})

test('a number that the author gives holds, and those behind it follow', () => {
  expect(settled(chained(7), { in: 3 })).toMatchObject({ 'app-one-repartition': 7, 'app-three-repartition': 7 })
})

test('one that is there stays as it is', () => {
  expect(settled(chained(7), { in: 3, 'app-one-repartition': 2 })).toMatchObject({
    ...{ 'app-one-repartition': 2, 'app-two-repartition': 2 },
  })
})

test('nothing is known of what follows from a topic that is missing', () => {
  expect(settled(chained(), {})).toEqual({})
})

test('what is read together with an existing topic is as wide as that, also where it is narrower than its writer', () => {
  const joined = (s: StreamsBuilder) => {
    s.stream('wide', serdes)
      .selectKey(value => value.id as string)
      .join(s.stream('narrow', serdes), { name: 'j', windows, joiner })
  }
  expect(settled(joined, { wide: 9, narrow: 2 })).toMatchObject({ 'app-j-left-repartition': 2 })
})

test('where a topic that is read together with it is missing, its writers decide', () => {
  const joined = (s: StreamsBuilder) => {
    s.stream('wide', serdes)
      .selectKey(value => value.id as string)
      .join(s.stream('missing', serdes), { name: 'j', windows, joiner })
  }
  expect(settled(joined, { wide: 9 })).toEqual({ wide: 9, 'app-j-left-repartition': 9 })
})

test('where a number is given for one of several topics that are read together, the others take it', () => {
  const merged = (s: StreamsBuilder) => {
    const given = s.stream('a', serdes).repartition({ name: 'given', partitions: 7 })
    given.merge(s.stream('b', serdes).repartition({ name: 'open' })).to('out', serdes)
  }
  expect(settled(merged, { a: 2, b: 3 })).toMatchObject({ 'app-given-repartition': 7, 'app-open-repartition': 7 })
})

test('a number that the author gives holds even where an existing topic has another', () => {
  const joined = (s: StreamsBuilder) => {
    const given = s.stream('a', serdes).repartition({ name: 'given', partitions: 7 })
    given.join(s.stream('narrow', serdes), { name: 'j', windows, joiner })
  }
  expect(settled(joined, { a: 2, narrow: 2 })).toMatchObject({ 'app-given-repartition': 7 })
})

test('the order of the parts makes no difference: the widest of all writers counts, however late it is known', () => {
  const late = (s: StreamsBuilder) => {
    const early = s.stream('b', serdes).repartition({ name: 'early' })
    const wide = s.stream('a', serdes).repartition({ name: 'one' }).repartition({ name: 'two' })
    early.merge(wide).to('out', serdes)
  }
  expect(settled(late, { a: 5, b: 2 })).toMatchObject({ 'app-early-repartition': 5, 'app-two-repartition': 5 })
})
