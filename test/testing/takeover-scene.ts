import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { Ledger, Membership, StartOffset } from '../../src/connectors/ledger'
import { memory } from '../../src/connectors/memory/memory-target'
import type { Sink } from '../../src/connectors/sink'
import type { TopicPartition } from '../../src/connectors/source'
import { blameOf } from '../../src/engine/plan/blame'
import { planOf } from '../../src/engine/plan/plan'
import { bindCodecs } from '../../src/engine/task/codec-book'
import { positionsName } from '../../src/engine/task/kept-positions'
import { noLimits } from '../../src/engine/task/output-topics'
import type { TaskEnvironment } from '../../src/engine/task/task-environment'
import type { TaskState } from '../../src/engine/task/task-state'
import { openTasks, type Slot, type WorkerParts } from '../../src/engine/worker/open-tasks'
import { Tally } from '../../src/engine/worker/tally'
import { wantedOf } from '../../src/engine/worker/wanted-task'
import { changelogTopic, timesTopic } from '../../src/names'
import { graphFacts } from '../../src/operators/facts'
import { encodeState, stateText } from '../../src/state/state-codec'
import { batchOf } from '../../src/testing/memory-kafka'

const serdes = { key: text, value: json<any>() }
export const plan = planOf(
  topology('app', streams => {
    const counts = streams.stream('in', serdes).groupByKey().count({ name: 'counted' })
    const other = streams.stream('other', serdes)
    other.to(memory({ name: 'rows' }))
    other.leftJoin(counts, { joiner: left => left }).to('out', serdes)
  }),
)
const changelog = changelogTopic('app', 'counted')
const clock = { now: () => 0, monotonic: () => 0 }
export const membership: Membership = { groupId: 'app', memberId: 'me', generationId: 1 }
const counts: Readonly<Record<string, number>> = { in: 2, other: 1 }

export const startAt = (topic: string, offset: number | undefined, metadata = 'w-1', partition = 0): StartOffset => ({
  ...{ topic, partition, offset, metadata, topicId: `id of ${topic}` },
})

/** A worker's parts, around a Kafka with one count in its changelog. */
export async function takeoverScene() {
  const events: unknown[] = []
  const environment: TaskEnvironment & { keepsPositions: boolean } = {
    keepsPositions: false,
    ...{ application: 'app', worker: 'test', facts: graphFacts(plan.topology), blame: blameOf(plan.topology) },
    ...{ codecs: await bindCodecs(plan.topology, new MemoryRegistry()), clock, maxFutureMs: 0 },
    partitionCount: topic => counts[topic] ?? 1,
    findTopic: () => ({ partitions: 1, limits: noLimits }),
    ...{ partitioner: () => 0, maxDeadLetterBytes: () => 0 },
    localState: { identify: async () => void events.push('identify') } as unknown as TaskEnvironment['localState'],
  }
  const kafka = {
    ...{ starts: [startAt('in', 5), startAt('other', 7)], failure: undefined as Error | undefined, reads: 0 },
    /** What the times changelog keeps of how far the task has read. */
    positions: undefined as object | undefined,
  }
  const ledger = {
    get starts() {
      return kafka.starts
    },
    prove: async () => void events.push('prove'),
    close: async () => void events.push('close'),
  }
  const broker = {
    openLedger: async (who: Membership, at: readonly TopicPartition[]) => {
      events.push(['ledger', who, at])
      return ledger as unknown as Ledger
    },
    startOffset: async ({ topic }: TopicPartition) => (counts[topic] === undefined ? 0 : 3),
    endOffset: async () => 100,
    topicIds: async (topics: readonly string[]) => new Map(topics.map(topic => [topic, `id of ${topic}`])),
    partitionCounts: async (topics: readonly string[]) => new Map(topics.map(topic => [topic, 1])),
    async *readPartition(at: TopicPartition) {
      if (kafka.failure !== undefined) throw kafka.failure
      kafka.reads++
      const value = encodeState({ value: 4, timestamp: 0 })
      if (at.topic === changelog)
        yield batchOf(at, [{ ...at, offset: 0, key: Buffer.from(stateText('a')), value, timestamp: 0 }])
      if (at.topic === timesTopic('app') && kafka.positions !== undefined) {
        const key = Buffer.from(positionsName(plan.subTopologies[0]!.timesName))
        yield batchOf(at, [{ ...at, offset: 0, key, value: Buffer.from(stateText(kafka.positions)), timestamp: 0 }])
      }
    },
  }
  const held = new Map<string, TaskState>()
  const standbys = {
    take: (id: string) => held.get(id),
    keep: (id: string, state: TaskState) => void held.set(id, state),
  }
  const widths = { counts: new Map(Object.entries(counts)), of: (topic: string) => counts[topic] ?? 1 }
  const sinks: Sink[] = []
  const warnings: string[] = []
  const log = { debug() {}, info() {}, warn: (line: unknown) => void warnings.push(String(line)), error() {} }
  const parts = {
    ...{ application: 'app', plan, broker, sinks, environment, clock, log, tally: new Tally(clock), standbys, widths },
    traces: { opened: () => void events.push('opened') },
    reader: {
      seek: ({ topic }: TopicPartition, offset: number, id: string) => void events.push(['seek', topic, offset, id]),
    },
  }
  const known = new Map<string, Slot>()
  const open = (...ids: string[]) =>
    openTasks(wantedOf(plan, ids), known, membership, parts as unknown as WorkerParts, () => false)
  return { ...{ environment, events, kafka, ledger, held, widths, sinks, warnings, known, open, parts } }
}
