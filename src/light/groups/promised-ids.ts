import type { Cancel, Clock } from '../world/world'

/** Ids that were given to members which have not joined with them yet (KIP-394). */
export class PromisedIds {
  private readonly ids = new Map<string, Cancel>()

  /** `expired` is called when a promise was not taken up within its session timeout. */
  constructor(
    private readonly clock: Clock,
    private readonly expired: () => void,
  ) {}

  get size(): number {
    return this.ids.size
  }

  add(id: string, sessionTimeoutMs: number): void {
    const expire = () => {
      this.ids.delete(id)
      this.expired()
    }
    this.ids.set(id, this.clock.after(sessionTimeoutMs, expire))
  }

  /** Whether the id was promised; it is no longer. */
  take(id: string): boolean {
    this.ids.get(id)?.()
    return this.ids.delete(id)
  }

  clear(): void {
    for (const cancel of this.ids.values()) cancel()
    this.ids.clear()
  }
}
