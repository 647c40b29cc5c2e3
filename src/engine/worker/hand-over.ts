import { setTimeout as sleep } from 'node:timers/promises'

/** How long a worker that stops waits until its tasks are given away, ms: the others hear of it with a heartbeat, and its last commit comes then. */
const mostMs = 2_500

/**
 * A worker's way out of its group. It works on while the group learns who is to have its tasks, lets go of them when that is settled, and leaves; to leave at once would let
 * them rest until the others' next heartbeat.
 */
export class HandOver {
  private finish: (() => void) | undefined

  /** Whether the worker is on its way out: it is to be given nothing more. */
  get isUnderWay(): boolean {
    return this.finish !== undefined
  }

  /** Resolves once `end` is called, or after 2.5 s. `rejoin`: tells the group. */
  async begin(rejoin: () => void): Promise<void> {
    const over = new Promise<void>(resolve => {
      this.finish = resolve
    })
    const limit = new AbortController()
    rejoin()
    await Promise.race([over, sleep(mostMs, undefined, { signal: limit.signal }).catch(() => undefined)])
    limit.abort()
  }

  /** The tasks are given away, or nobody is there who could have them. */
  end(): void {
    this.finish?.()
  }
}
