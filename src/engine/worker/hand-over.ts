import { setTimeout as sleep } from 'node:timers/promises'

/** How long a worker that stops waits until its tasks are given away, ms: the others hear of it with a heartbeat, and its last commit comes then. */
const mostMs = 1_500

/**
 * A worker's way out of its group. It works on while the group learns who is to have its tasks, lets go of them when that is settled, and leaves; to leave at once would let
 * them rest until the others' next heartbeat.
 */
export class HandOver {
  private finish: (() => void) | undefined
  private isStopping = false

  /** Whether the worker is on its way out: it is to be given nothing more. */
  get isUnderWay(): boolean {
    return this.finish !== undefined
  }

  /** The worker stops. Resolves once `end` is called, or after 1.5 s. `rejoin` tells the group; undefined where there is nothing to hand over. */
  async begin(rejoin: (() => void) | undefined): Promise<void> {
    this.isStopping = true
    if (rejoin === undefined) return
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

  /** Whether a new generation isn't begun any more: one that stops would never end it. */
  takesNothing(): boolean {
    if (this.isStopping) this.end()
    return this.isStopping
  }
}
