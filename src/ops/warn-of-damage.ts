import type { Batch } from '../connectors/source'
import { log } from '../log'

/** Says what of a batch can't be read: it is passed over, and missing in what is shown. */
export function warnOfDamage({ topic, partition, damaged = [] }: Batch): void {
  for (const { firstOffset, lastOffset, reason } of damaged) {
    const offsets = firstOffset === lastOffset ? `offset ${firstOffset}` : `offsets ${firstOffset} to ${lastOffset}`
    log.warn(`${topic}-${partition}, ${offsets}: passed over, can't read ${reason}`)
  }
}
