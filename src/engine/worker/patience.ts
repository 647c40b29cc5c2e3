import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../errors'
import type { Outages } from '../../outages'

const firstPauseMs = 100
const longestPauseMs = 5_000

/**
 * Waits for a service, however long it takes, with a growing pause. Other errors than UnavailableError are thrown. `signal` ends the
 * waiting (AbortError).
 *
 * @example
 * const counts = await patiently('Kafka', outages, signal, () => broker.partitionCounts(topics))
 */
export async function patiently<T>(
  service: string,
  outages: Outages,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    signal.throwIfAborted()
    try {
      const result = await attempt()
      outages.back(service)
      return result
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      outages.lost(service, error)
      await sleep(pause, undefined, { signal })
    }
  }
}
