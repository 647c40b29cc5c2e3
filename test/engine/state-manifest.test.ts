import { count, json, max, min, TopologyError, text, topology, tumbling } from '../../src'
import type { Broker } from '../../src/connectors/broker'
import { planOf } from '../../src/engine/plan/plan'
import { checkState, keptManifest, manifestOf } from '../../src/engine/plan/state-manifest'
import { batchOf } from '../../src/testing/memory-kafka'

const serdes = { key: text, value: json<any>() }

describe('an edit that does not fit the state', () => {
  const counting = (name: string, sizeMs: number) =>
    planOf(
      topology('edited', s => {
        s.stream('in', serdes)
          .groupByKey()
          .windowedBy(tumbling({ sizeMs, graceMs: 0 }))
          .aggregate({ name, of: { n: count() } })
          .toStream()
      }),
    )

  /** A broker whose times changelog holds the manifest of an earlier plan. */
  function after(
    former: ReturnType<typeof counting> | undefined,
    told: unknown = former && manifestOf(former),
    changelogs: readonly string[] = ['edited-a-changelog'],
  ) {
    const deleted: string[] = []
    const topic = 'edited-times-changelog'
    const [entry] = keptManifest(0, (told ?? {}) as never)
    const record = {
      topic,
      partition: 0,
      offset: 0,
      timestamp: 0,
      key: Buffer.from(entry![0]),
      value: Buffer.from(JSON.stringify(entry![1])),
    }
    const broker = {
      partitionCounts: async () => new Map(former === undefined ? [] : [topic, ...changelogs].map(each => [each, 1])),
      stableOffset: async () => 1,
      readPartition: async function* () {
        yield batchOf(record, [record])
      },
      deleteTopics: async (topics: readonly string[]) => void deleted.push(...topics),
    }
    return { broker: broker as unknown as Broker, deleted }
  }

  test('the same topology goes on', async () => {
    await checkState(counting('a', 10), after(counting('a', 10)).broker, false)
    await checkState(counting('a', 10), after(undefined).broker, false)
  })

  test('a store whose changelog was deleted is refused, or begun anew where that is accepted', async () => {
    const { broker, deleted } = after(counting('a', 10), manifestOf(counting('a', 10)), [])
    await expect(checkState(counting('a', 10), broker, false)).rejects.toThrow(
      /store "a" has lost its state: topic edited-a-changelog was deleted.*--accept-new-state/,
    )
    expect(await checkState(counting('a', 10), broker, true)).toMatchObject({ dropped: ['a'] })
    expect(deleted).toEqual(['edited-a-changelog'])
  })

  test('a renamed store is refused with its name', async () => {
    const { broker, deleted } = after(counting('a', 10))
    const checking = checkState(counting('b', 10), broker, false)
    await expect(checking).rejects.toThrow(TopologyError)
    await expect(checkState(counting('b', 10), broker, false)).rejects.toThrow(
      /store "a" is not in the topology any more.*was the step renamed\?[\s\S]*--accept-new-state/,
    )
    expect(deleted).toEqual([])
  })

  test('another window size is refused with both', async () => {
    const checking = checkState(counting('a', 20), after(counting('a', 10)).broker, false)
    await expect(checking).rejects.toThrow(/store "a" was window .*"sizeMs":10.* and is now window .*"sizeMs":20/)
  })

  const figures = (build: (grouped: any) => any) =>
    planOf(topology('edited', s => void build(s.stream('in', serdes).groupByKey()).toStream()))
  const of = (figures: object) => (grouped: any) => grouped.aggregate({ name: 'a', of: figures })

  test.each<[string, (grouped: any) => any, (grouped: any) => any, RegExp]>([
    [
      'a figure more',
      of({ n: count(), most: max('x') }),
      of({ n: count(), least: min('x'), most: max('x') }),
      /was keyValue of \{ n: count, most: max \} and is now keyValue of \{ n: count, least: min, most: max \}/,
    ],
    ['another figure', of({ x: max('x') }), of({ x: min('x') }), /x: max.*x: min/],
    ['figures instead of a count', g => g.count({ name: 'a' }), of({ n: count() }), /was keyValue count and is now/],
    [
      'an aggregate instead of a reduction',
      g => g.reduce({ name: 'a', reducer: (a: any) => a }),
      g => g.aggregate({ name: 'a', initial: () => 0, add: (n: number) => n }),
      /was keyValue reduce and is now keyValue aggregate/,
    ],
  ])('%s under the same name is refused', async (_what, former, now, message) => {
    await checkState(figures(former), after(figures(former)).broker, false)
    await expect(checkState(figures(now), after(figures(former)).broker, false)).rejects.toThrow(message)
  })

  test('what a former build has not told of a store is not held against it', async () => {
    const plan = figures(of({ n: count() }))
    const { broker } = after(plan, { a: 'keyValue' })
    await checkState(plan, broker, false)
    await expect(checkState(plan, after(plan, { a: 'window' }).broker, false)).rejects.toThrow(/was window and is now/)
  })

  test('the topics of former versions are kept in mind, and each version adds its own', async () => {
    const former = manifestOf(counting('a', 10), ['edited-older-changelog'])
    const { topics } = await checkState(counting('a', 10), after(counting('a', 10), former).broker, false)
    expect(topics).toContain('edited-older-changelog')
    const now = manifestOf(counting('b', 10), topics)
    expect(now.topics).toEqual(
      expect.arrayContaining(['edited-older-changelog', 'edited-a-changelog', 'edited-b-changelog']),
    )
  })

  test('or begun anew where that is accepted', async () => {
    const { broker, deleted } = after(counting('a', 10))
    await checkState(counting('a', 20), broker, true)
    expect(deleted).toEqual(['edited-a-changelog'])
  })
})
