import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../errors'
import type { Log } from '../../log'

const firstPauseMs = 100
const longestPauseMs = 5_000

/**
 * Waits for a service, however long it takes, with a growing pause: one line when it is down, one when it is back. Other errors
 * than UnavailableError are thrown. `signal` ends the waiting (AbortError).
 */
export async function patiently<T>(what: string, log: Log, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    signal.throwIfAborted()
    try {
      const result = await attempt()
      if (pause > firstPauseMs) log.info(`${what} answers`)
      return result
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      if (pause === firstPauseMs) log.warn(`${what}: ${error.message}; waiting until it answers`)
      await sleep(pause, undefined, { signal })
    }
  }
}
