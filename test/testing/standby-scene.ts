import { json, text, topology } from '../../src'
import { MemoryRegistry } from '../../src/codecs/memory-registry'
import type { Batch, DamagedRange, PartitionEnd, Reader, TopicPartition } from '../../src/connectors/source'
import { planOf } from '../../src/engine/plan/plan'
import { bindCodecs } from '../../src/engine/task/codec-book'
import type { TaskEnvironment } from '../../src/engine/task/task-environment'
import { Standbys } from '../../src/engine/worker/standbys'
import { changelogTopic } from '../../src/names'
import { encodeState, stateText } from '../../src/state/state-codec'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'

const serdes = { key: text, value: json() }

/** Part 0 counts in memory, part 1 has a table that is restored from its own topic, part 2 counts on disk, part 3 has such a table and counts its rows. */
export const plan = planOf(
  topology('app', streams => {
    streams.stream('in', serdes).groupByKey().count({ name: 'counted' })
    streams.table('rows', { ...serdes, materialized: 'rows', restoreFrom: 'sourceTopic' })
    streams.stream('more', serdes).groupByKey().count({ name: 'kept', location: 'disk' })
    const others = streams.table('others', { ...serdes, materialized: 'others', restoreFrom: 'sourceTopic' })
    others.toStream().groupByKey().count({ name: 'changes' })
  }),
)
export const counted = { topic: changelogTopic('app', 'counted'), partition: 0 }
export const kept = { topic: changelogTopic('app', 'kept'), partition: 0 }
export const rows = { topic: 'rows', partition: 0 }
export const others = { topic: 'others', partition: 0 }

const nameOf = ({ topic, partition }: TopicPartition) => (partition === 0 ? topic : `${topic}/${partition}`)

/** A reader over topics in memory whose log may begin anywhere; a batch a record. */
export class MemoryReader implements Reader {
  onReady: Reader['onReady']
  onError: Reader['onError']
  readonly at = new Map<string, number>()
  readonly sought: string[] = []
  readonly damaged = new Map<string, DamagedRange[]>()
  isClosed = false

  constructor(
    private readonly kafka: MemoryKafka,
    private readonly starts: Map<string, number>,
  ) {}

  seek(at: TopicPartition, offset: number): void {
    const name = nameOf(at)
    this.sought.push(`${name} ${offset}`)
    if (offset < (this.starts.get(name) ?? 0))
      setTimeout(() => this.onError?.(new Error(`${name} has no offset ${offset}`), at))
    else this.at.set(name, offset)
    this.wake()
  }
  remove(at: TopicPartition): void {
    this.at.delete(nameOf(at))
  }
  peek(at: TopicPartition): Batch | undefined {
    const next = this.at.get(nameOf(at))
    const record = next === undefined ? undefined : this.kafka.records(at)[next]
    const damaged = this.damaged.get(nameOf(at))
    return record && { ...batchOf(at, [record]), ...(damaged && { damaged }) }
  }
  take(at: TopicPartition): Batch | undefined {
    const batch = this.peek(at)
    if (batch !== undefined) this.at.set(nameOf(at), batch.nextOffset)
    return batch
  }
  end(at: TopicPartition): PartitionEnd | undefined {
    const { length } = this.kafka.records(at)
    return this.at.has(nameOf(at)) ? { endOffset: length, highWatermark: length, seenAtMs: 0 } : undefined
  }
  wake(): void {
    this.onReady?.()
  }
  async close(): Promise<void> {
    this.isClosed = true
  }
}

/** The copy on disk of a store, whose writes are done when the test says so. */
function copyOf() {
  const writes: { readonly done: (isOurs: boolean) => void; readonly fail: (error: unknown) => void }[] = []
  const copy = {
    ...{ cacheEntries: 10, size: 0, bytes: 0, position: 0, isOurs: true, emptied: undefined, damage: undefined },
    ...{ released: 0, cleared: 0, entries: () => [], get: () => undefined },
    release: async () => {
      copy.released++
    },
    clear: () => {
      copy.cleared++
      copy.position = 0
    },
    write: (_: unknown, position: number) =>
      new Promise<boolean>((resolve, fail) => {
        const done = (isOurs: boolean) => {
          if (isOurs) copy.position = position
          resolve(isOurs)
        }
        writes.push({ done, fail })
      }),
  }
  return { copy, writes }
}

/** Standbys over a Kafka in memory, with fake timers. */
export async function standbyScene() {
  const kafka = new MemoryKafka(1)
  const [starts, committed] = [new Map<string, number>(), new Map<string, number>()]
  const [reader, asked, told] = [new MemoryReader(kafka, starts), [] as unknown[], [] as string[]]
  const broker = {
    createReader: () => reader,
    endOffset: async (at: TopicPartition) => kafka.records(at).length,
    startOffset: async (at: TopicPartition) => starts.get(nameOf(at)) ?? 0,
    committedOffsets: async (at: readonly TopicPartition[]) => {
      asked.push(at)
      return at.map(each => committed.get(nameOf(each)) ?? 0)
    },
  }
  const heldElsewhere = new Set<number>()
  const copies: ReturnType<typeof copyOf>[] = []
  const localState = {
    open: () => {
      const made = copyOf()
      copies.push(made)
      return made.copy
    },
    isHeldElsewhere: (_: unknown, partition: number) => heldElsewhere.has(partition),
  }
  const environment = {
    application: 'app',
    codecs: await bindCodecs(plan.topology, new MemoryRegistry()),
    maxFutureMs: Number.POSITIVE_INFINITY,
    localState,
  } as unknown as TaskEnvironment
  const log = { debug: () => {}, info: () => {}, warn: (line: string) => told.push(line), error: () => {} }
  // Time is the test's: a slice of work never ends early because the machine is busy.
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const standbys = new Standbys(plan, environment, broker, clock, log as never)
  const write = (at: TopicPartition, key: string, value: unknown) =>
    kafka.append(at, {
      key: Buffer.from(at.topic === 'rows' ? key : stateText(key)),
      value: value === null ? null : at.topic === 'rows' ? Buffer.from(JSON.stringify(value)) : encodeState(value),
      timestamp: 1,
    })
  return { kafka, starts, committed, broker, reader, standbys, told, write, asked, heldElsewhere, copies, clock }
}
