import { json, text, topology } from '../../../src'
import type { Broker } from '../../../src/connectors/broker'
import type { TopicPartition } from '../../../src/connectors/source'
import { pendingOf } from '../../../src/engine/grow/pending-of'
import { KeptTimes } from '../../../src/engine/plan/kept-times'
import { planOf } from '../../../src/engine/plan/plan'
import { positionsName } from '../../../src/engine/task/kept-positions'
import { MemoryBroker } from '../../connectors/memory-broker'

const serdes = { key: text, value: json<any>() }
const [part] = planOf(
  topology('app', s => {
    s.stream('in', serdes).groupByKey().count({ name: 'counts' })
  }),
).subTopologies

/** What waits in a topic of two partitions, by its committed offsets and by what the state of partition 0 says. */
async function waiting(committed: readonly (number | undefined)[], kept: object | undefined) {
  const memory = new MemoryBroker({ 'app-times-changelog': 2 })
  if (kept !== undefined)
    memory.write(
      { topic: 'app-times-changelog', partition: 0 },
      { key: Buffer.from(positionsName(part!.timesName)), value: Buffer.from(JSON.stringify(kept)), timestamp: 1 },
    )
  const times = [await KeptTimes.read('app', 0, memory), await KeptTimes.read('app', 1, memory)]
  const broker = {
    committedOffsets: async () => committed,
    endOffset: async ({ partition }: TopicPartition) => 10 + partition,
  } as unknown as Broker
  const growth = { part: part!, from: 2, stores: [], pending: [], grown: [] }
  return (await pendingOf(['in'], growth, times, broker)).map(({ from, to }) => [from, to])
}

test('what waits begins where the group has committed, and ends where the topic does', async () => {
  expect(await waiting([3, 4], { in: { offset: 7 } })).toEqual([
    [3, 10],
    [4, 11],
  ])
})

test('without an offset it begins where the state says, and at the beginning where that says nothing', async () => {
  expect(await waiting([undefined, undefined], { in: { offset: 7 } })).toEqual([
    [7, 10],
    [0, 11],
  ])
  expect(await waiting([0, 0], { other: { offset: 7 } })).toEqual([
    [0, 10],
    [0, 11],
  ])
  expect(await waiting([undefined, undefined], undefined)).toEqual([
    [0, 10],
    [0, 11],
  ])
})
