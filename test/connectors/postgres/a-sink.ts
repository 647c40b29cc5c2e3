import { reading, rollup } from '../../../schemas/types'
import { postgres } from '../../../src/connectors/postgres/postgres-end'
import { createPostgresSink, type PostgresSinkOptions } from '../../../src/connectors/postgres/postgres-sink'
import type { PostgresTarget } from '../../../src/connectors/postgres/postgres-target'
import { TableGuard } from '../../../src/connectors/postgres/table-guard'
import type { Chunk, Sink, SinkTask } from '../../../src/connectors/sink'
import { ADatabase } from './a-database'

export const readings = postgres({ table: 'readings', schema: reading, mode: 'append' })
export const newest = postgres({ table: 'newest', schema: rollup, mode: 'upsert', key: ['sensor_id', 'window_start'] })
const databaseUrl = 'postgres://writer:secret@db:5432/sensors'
export const rowBytes = 54

/** What a test of a sink has: a database whose tables all fit, and sinks that are closed after it. */
export class Scene {
  database = new ADatabase()
  /** What the next sinks to open add to their tables, a line each. */
  added: string[] = []
  private readonly sinks: Sink[] = []

  begin(): void {
    this.added = []
    this.database = new ADatabase(({ id }) => id < 0).install()
    jest.spyOn(TableGuard.prototype, 'check').mockImplementation(async () => this.added)
  }

  async end(): Promise<void> {
    await Promise.all(this.sinks.splice(0).map(sink => sink.close()))
    jest.useRealTimers()
    jest.restoreAllMocks()
  }

  create(more: Partial<PostgresSinkOptions> = {}): Sink {
    const sink = createPostgresSink([readings, newest], { databaseUrl, application: 'app', clusterId: 'c1', ...more })
    this.sinks.push(sink)
    return sink
  }

  /** A sink that has partitions 0 and 1. */
  async opened(more: Partial<PostgresSinkOptions> = {}): Promise<Sink> {
    const sink = this.create(more)
    await sink.open([task(0), task(1)])
    return sink
  }
}

export const task = (partition: number, more: Partial<SinkTask> = {}): SinkTask => ({
  ...{ task: `0_${partition}`, topic: 'in', topicId: 'id1', partition },
  ...{ offset: 0, endOffset: 1_000_000, ...more },
})
export const at = (partition: number, next: number, topic = 'in') => ({ topic, partition, next })

/** A row of each id, whose offset is the id, too. Those below 0 are refused. */
export function rowsOf(ids: readonly number[], target: PostgresTarget = readings, partition = 0, topic = 'in'): Chunk {
  const encoder = target.encoder()
  for (const sensor_id of ids) {
    const value =
      target === newest
        ? { sensor_id, window_start: 0, window_end: 10, count: 1, sum: 3, min: 1, max: 2, mean: 1.5 }
        : { sensor_id, temperature: 20.5, timestamp: 1_700_000_000_000_001 }
    encoder.encode({ key: null, value, timestamp: 0 }, { topic, partition, offset: Math.abs(sensor_id) })
  }
  return encoder.take()!
}

/** So many rows, from id `first` on. */
export const rows = (count: number, first = 1) => rowsOf(Array.from({ length: count }, (_, i) => first + i))

/** Timers are a test's own; all else goes its way. */
export const ownTimers = () =>
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] })

/** Whether a promise is settled once all has been done that waits for nothing. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const done = () => {
    settled = true
  }
  promise.then(done, done)
  for (let i = 0; i < 20; i++) await new Promise(setImmediate)
  return settled
}
