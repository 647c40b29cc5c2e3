import { json, text, topology } from '../../../src'
import type { CommittedOffset, Output } from '../../../src/connectors/ledger'
import { moveTimes } from '../../../src/engine/grow/move-times'
import { Outbound } from '../../../src/engine/grow/outbound'
import { KeptTimes } from '../../../src/engine/plan/kept-times'
import { planOf } from '../../../src/engine/plan/plan'
import { MemoryBroker } from '../../connectors/memory-broker'

const serdes = { key: text, value: json<any>() }
const plan = planOf(
  topology('app', s => {
    s.stream('in', serdes)
      .repartition({ name: 'misplaced', ...serdes, only: 'misplaced' })
      .merge(s.stream('side', serdes).repartition({ name: 'all', ...serdes }))
      .groupByKey()
      .count({ name: 'counts' })
  }),
)
const [misplaced, all] = ['app-misplaced-repartition', 'app-all-repartition']
const part = plan.subTopologies.find(({ stores }) => stores.length > 0)!
const { timesName } = part

/** The times of two tasks, moved over five; gives what is written, by partition. */
async function moved(
  times: readonly Readonly<Record<string, unknown>>[],
  offsets: readonly CommittedOffset[] = [],
  grown: readonly string[] = ['in'],
) {
  const broker = new MemoryBroker({ 'app-times-changelog': 2 })
  for (const [partition, names] of times.entries())
    for (const [name, value] of Object.entries(names))
      broker.write(
        { topic: 'app-times-changelog', partition },
        { key: Buffer.from(name), value: Buffer.from(JSON.stringify(value)), timestamp: 1 },
      )
  const kept = [await KeptTimes.read('app', 0, broker), await KeptTimes.read('app', 1, broker)]
  const sent: Output[] = []
  const out = new Outbound({
    send: async outputs => void sent.push(...outputs),
    commit: async () => {},
    release: async () => {},
  })
  const growth = { part, from: 2, stores: [], pending: [], grown }
  const whole = { application: 'app', partitions: 5, parts: [growth], topics: new Map() }
  moveTimes(growth, whole, offsets, { nowMs: 77 }, kept, out)
  await out.flush()
  expect(new Set(sent.map(({ topic }) => topic))).toEqual(new Set(['app-times-changelog']))
  expect(new Set(sent.flatMap(({ records }) => records.map(({ timestamp }) => timestamp)))).toEqual(new Set([77]))
  const partitions = [0, 1, 2, 3, 4]
  expect(sent.every(({ partition }) => partitions.includes(partition))).toBe(true)
  return partitions.map(at => {
    const records = sent.filter(({ partition }) => partition === at).flatMap(output => output.records)
    return Object.fromEntries(records.map(({ key, value }) => [String(key), JSON.parse(String(value))]))
  })
}

const waitsFor = (topic: string) => `${timesName}/upstream/${topic}`
const home = 'app-in-home-repartition'
const positions = `${timesName}/positions`
/** Nobody takes a later time than those say who may bring records home; what all records go through was known before. */
const nothingHeard = { [waitsFor(home)]: {}, [waitsFor(misplaced)]: {} }

test('a new task begins with the times of the one that most of its keys come from, and has read nothing', async () => {
  const [first, second, ...fresh] = await moved([
    { [`${timesName}/stream-time`]: 10, 'counts/closed': 11, elsewhere: 1, 'weir/stores': {}, [positions]: {} },
    { [`${timesName}/stream-time`]: 20, 'counts/closed': 21, 'counts-not-of-it/x': 2, [positions]: {} },
  ])
  expect([first, second]).toEqual([
    { [positions]: {}, ...nothingHeard },
    { [positions]: {}, ...nothingHeard },
  ])
  const times = (time: number) => ({ [`${timesName}/stream-time`]: 10 * time, 'counts/closed': 10 * time + 1 })
  expect(fresh).toEqual([1, 2, 1].map(time => ({ ...times(time), [positions]: {}, ...nothingHeard })))
})

test('a task that kept no positions goes on without them', async () => {
  const [first, , third] = await moved([{}, {}])
  expect(first).toEqual(nothingHeard)
  expect(third).toEqual({ [positions]: {}, ...nothingHeard })
})

test('what was read stays the old tasks’, and goes on behind what was moved', async () => {
  const kept = (offset: number) => ({ [all]: { offset, topicId: 'id' }, [misplaced]: { offset: offset + 1 } })
  const offsets = [
    { topic: all, partition: 0, offset: 40 },
    { topic: misplaced, partition: 1, offset: 50 },
    { topic: misplaced, partition: 4, offset: 60 },
  ]
  const written = await moved([{ [positions]: kept(1) }, { [positions]: kept(5) }], offsets)
  expect(written.map(each => each[positions])).toEqual([
    { [all]: { offset: 40, topicId: 'id' }, [misplaced]: { offset: 2 } },
    { [all]: { offset: 5, topicId: 'id' }, [misplaced]: { offset: 50 } },
    ...[{}, {}, {}],
  ])
})

test('what was heard of those upstream stays, and is what a new task begins with', async () => {
  const heard = { 0: [5, null, {}] }
  const written = await moved([{ [waitsFor(misplaced)]: heard, [waitsFor(all)]: heard }, {}], [], [])
  expect(written).toEqual([
    {},
    { [waitsFor(misplaced)]: {} },
    { [positions]: {}, [waitsFor(misplaced)]: heard, [waitsFor(all)]: heard },
    { [positions]: {}, [waitsFor(misplaced)]: {} },
    { [positions]: {}, [waitsFor(misplaced)]: heard, [waitsFor(all)]: heard },
  ])
})
