import { json, type StreamsBuilder, text, topology } from '../../../src'
import { splitState, unlikePartitions } from '../../../src/engine/plan/partition-mismatch'
import { planOf } from '../../../src/engine/plan/plan'

const serdes = { key: text, value: json<any>() }
const joiner = (l: unknown, r: unknown) => ({ l, r })
const windows = { beforeMs: 10, afterMs: 10, graceMs: 0 }
const part = (build: (streams: StreamsBuilder) => void) => planOf(topology('app', build)).subTopologies[0]!
const counts = new Map([
  ['three', 3],
  ['four', 4],
  ['five', 5],
])
const read = (s: StreamsBuilder, topic: string) => s.stream(topic, serdes)

describe('the error for topics that are read together and are not equally wide', () => {
  const wordsOf = (build: (streams: StreamsBuilder) => void) => unlikePartitions(part(build), counts).message

  test('names the first join that has both, its topics in the order of its sides, and the wider number', () => {
    const words = wordsOf(s => {
      const joined = read(s, 'five').join(read(s, 'three'), { name: 'first', windows, joiner })
      joined.groupByKey().count({ name: 'behind' })
    })
    expect(words).toMatch(/^step "first": .*\(five 5, three 3\).* partitions: 5 on the narrower one$/)
  })

  test('names the step with a store behind streams that are merged, not the merge', () => {
    const words = wordsOf(s => {
      const merged = read(s, 'three').merge(read(s, 'four'), { name: 'merged' })
      merged
        .filter(() => true)
        .groupByKey()
        .count({ name: 'counts' })
    })
    expect(words).toMatch(/^step "counts": .*\(three 3, four 4\).* partitions: 4 /)
  })

  test('passes over global tables, which every worker has whole', () => {
    const words = wordsOf(s => {
      const everywhere = s.globalTable('everywhere', serdes)
      const with3 = read(s, 'three').join(everywhere, { name: 'g', keyMapper: (_, key) => key, joiner })
      with3.join(read(s, 'five'), { name: 'j', windows, joiner })
    })
    expect(words).toMatch(/^step "j": .*\(three 3, five 5\)/)
  })

  test('names a step once for each topic, however many ways lead there', () => {
    const words = wordsOf(s => {
      const three = read(s, 'three')
      const twice = three.filter(() => true).merge(three.filterNot(() => true))
      twice.join(read(s, 'five'), { name: 'j', windows, joiner })
    })
    expect(words).toMatch(/^step "j": .*\(three 3, five 5\)/)
  })

  test('falls back to the first step and all sources where no step has both', () => {
    const words = unlikePartitions(
      part(s => void read(s, 'three').to('x', serdes)),
      new Map(),
    ).message
    expect(words).toMatch(/^step "three": .*\(three undefined\).* partitions: 0 on the narrower one$/)
  })

  test('says how a table is moved only where one of the topics is a table', () => {
    const apart = wordsOf(s => {
      const joined = read(s, 'three').join(read(s, 'five'), { name: 'streams', windows, joiner })
      joined.join(s.table('four', serdes), { name: 'with-table', joiner })
    })
    expect(apart).toMatch(/^step "streams": .* on the narrower one$/)
    const met = wordsOf(s => void read(s, 'five').join(s.table('three', serdes), { name: 'with-table', joiner }))
    expect(met).toMatch(
      /, a table as stream\(topic, \.\.\.\)\.repartition\(\{ name, partitions \}\)\.toTable\(\{ name \}\)$/,
    )
  })
})

test('the error for state of another width says how wide everything is to be made', () => {
  const split = part(s => {
    const both = read(s, 'three').merge(read(s, 'five')).groupByKey()
    both.count({ name: 'a' })
    both.count({ name: 'b' })
  })
  const words = (kept: number) => splitState(split, counts, kept, 'app').message
  expect(words(2)).toMatch(
    /^the state of a, b is kept in 2 partitions.*\(three 3, five 5\).*grow app --partitions 5 --execute/,
  )
  expect(words(8)).toMatch(/is kept in 8 partitions.*grow app --partitions 8 --execute/)
})
