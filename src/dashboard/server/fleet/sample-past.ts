import { setImmediate as turn } from 'node:timers/promises'
import { SchemaMissing } from '../../../codecs/codec'
import type { Batch } from '../../../connectors/source'
import type { Cluster } from '../../../ops/cluster'
import { scan } from '../../../ops/scan'
import { partitionsOf } from '../../../ops/topics'
import { locateLed } from '../../../ops/where'

const minute = 60_000
/** How long before a time there is a sample, ms: who has fallen silent later is found by the one before. */
const agesMs = [0.5, 2, 5, 12, 30, 60, 180, 720, 1440].map(minutes => minutes * minute)
/** Records of a sample, over all partitions: of a fleet that sends once a second some ten thousand keys. */
const mostRecords = 30_000

export interface SampleOptions {
  readonly topic: string
  /** What is younger is known already, ms since 1970. */
  readonly beforeMs: number
  readonly signal: AbortSignal
}

export interface OnSample {
  /** Another sample begins, older than the one before. */
  next(): void
  /** Takes a batch whole; when it throws SchemaMissing it is called again once `load` has resolved. */
  take(batch: Batch): void
  load(schemaId: number): Promise<void>
}

/**
 * Reads a little of a topic's last day, at times that lie further and further back: keys that have fallen silent were there then. At 20,000 records a second a day is
 * 1.7 thousand millions, and this reads 270,000 of them. Throws what reading Kafka throws.
 */
export async function samplePast(
  cluster: Cluster,
  { topic, beforeMs, signal }: SampleOptions,
  on: OnSample,
): Promise<void> {
  const partitions = await partitionsOf(cluster, topic)
  const most = Math.ceil(mostRecords / Math.max(1, partitions.length))
  const limits = new Map(
    (await locateLed(cluster, partitions, { timeMs: beforeMs }, true)).map(at => [at.partition, at.from]),
  )
  for (const ageMs of agesMs) {
    if (signal.aborted) return
    const bounds = await locateLed(cluster, partitions, { timeMs: beforeMs - ageMs }, true)
    const ranges = bounds.map(({ partition, from }) => {
      const limit = limits.get(partition) ?? from
      limits.set(partition, Math.min(limit, from))
      return { topic, partition, from, to: Math.min(from + most, limit) }
    })
    on.next()
    for await (const batch of scan(cluster, ranges, { signal })) {
      await hand(batch, on)
      // Nobody waits for it, and others wait for the server.
      await turn()
    }
  }
}

async function hand(batch: Batch, on: OnSample): Promise<void> {
  try {
    on.take(batch)
  } catch (error) {
    if (!(error instanceof SchemaMissing)) throw error
    await on.load(error.id)
    await hand(batch, on)
  }
}
