import { setTimeout as sleep } from 'node:timers/promises'

export interface Waiting {
  /** Looks at what is left; 0 ends the waiting. */
  readonly left: () => Promise<number>
  /** Gives up when nothing has become less for so long, ms. */
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** Waits until nothing is left; returns what is when it gives up. */
export async function drain({ left, patienceMs, signal }: Waiting): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  let since = performance.now()
  while (!signal.aborted) {
    const now = await left()
    if (now === 0) return 0
    if (now < least) {
      least = now
      since = performance.now()
    } else if (performance.now() - since > patienceMs) return now
    await sleep(250, undefined, { signal }).catch(() => undefined)
  }
  return left()
}
