import type { Broker } from '../../connectors/broker'
import type { CommittedOffset } from '../../connectors/ledger'
import type { KeptTimes } from '../plan/kept-times'
import { timeHeader } from '../task/time-report'
import type { Growth, PartGrowth } from './growth'
import type { Outbound } from './outbound'
import { pendingOf } from './pending-of'
import { recordOf } from './record-of'

/** Sends what waits in a part's internal topics to where its keys belong, in its order; gives the offsets from which they are read afterwards. */
export async function movePending(
  growth: PartGrowth,
  { partitions }: Growth,
  times: readonly KeptTimes[],
  broker: Broker,
  out: Outbound,
): Promise<{ readonly records: number; readonly offsets: readonly CommittedOffset[] }> {
  const waiting = await pendingOf(growth.pending, growth, times, broker)
  let records = 0
  for (const { at, from, to } of waiting)
    for await (const batch of broker.readPartition(at, from, to)) {
      for (let i = 0; i < batch.count; i++) {
        const record = recordOf(batch, i)
        // What upstream tasks report of their time holds for every task that reads this partition from now on.
        if (record.headers?.[timeHeader] !== undefined)
          for (let next = at.partition; next < partitions; next += growth.from)
            out.add({ ...at, partition: next }, record)
        else out.add({ ...at, partition: broker.partitionOf(record.key, partitions) }, record)
        records++
      }
      await out.pace()
    }
  return { records, offsets: waiting.map(({ at, to }) => ({ ...at, offset: to })) }
}
