import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRetriable } from './kafka-errors'

const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 500

/** Tries `run` again, after a growing pause, while it fails in a way that waiting may cure: for `withinMs` (30,000 ms). */
export async function retrying<T>(run: () => Promise<T>, withinMs = 30_000): Promise<T> {
  const deadline = performance.now() + withinMs
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
    try {
      return await run()
    } catch (error) {
      if (!isRetriable(error) || performance.now() + pause > deadline) throw error
      await sleep(pause)
    }
  }
}
