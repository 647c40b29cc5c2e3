import type { Broker } from '../../../connectors/broker'
import type { Log } from '../../../log'
import type { Clock } from '../../task/clock'
import type { Slot } from '../open-tasks'

/** How often processed records of internal topics are deleted, ms: Kafka Streams' repartition.purge.interval.ms. */
const purgeMs = 30_000

/** Deletes the processed records of repartition topics: they are needed only until they are processed. */
export class Purge {
  private purgedAt: number

  constructor(
    private readonly broker: Pick<Broker, 'deleteRecordsBefore'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.purgedAt = clock.monotonic()
  }

  /** Every 30 s: deletes up to what is committed. True where it was time for that. */
  look(slots: Iterable<Slot>): boolean {
    const now = this.clock.monotonic()
    if (now - this.purgedAt < purgeMs) return false
    this.purgedAt = now
    const passed = [...slots].flatMap(({ task, sealed }) =>
      task.inputs
        .filter(({ node: { spec } }) => spec.owner === 'weir')
        .map(({ topic, partition }) => ({ topic, partition, offset: sealed.get(topic)?.offset ?? 0 })),
    )
    // What couldn't be deleted is deleted the next time: nothing depends on it.
    if (passed.length > 0)
      this.broker.deleteRecordsBefore(passed).catch(error => this.log.debug(`purge: ${error.message}`))
    return true
  }
}
