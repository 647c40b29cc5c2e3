import { performance } from 'node:perf_hooks'
import type { KafkaConfig } from './kafka-config'
import { LinkRefused } from './kafka-errors'

/** After a refused sign-in the same broker isn't asked again for so long, ms: accounts are locked by those who go on. */
const pauseMs = 5_000

const kept = new WeakMap<object, SignIns>()

/** What brokers say to the settings, heard once for all connections that have the same ones. */
export class SignIns {
  private readonly refused = new Map<string, { readonly error: LinkRefused; readonly untilMs: number }>()
  private readonly accepted = new Set<string>()
  private readonly trials = new Map<string, Promise<unknown>>()

  /** Those of a configuration: the copies of one have the same certificates and the same sign-in. */
  static of({ sasl, ssl }: KafkaConfig): SignIns {
    const key = sasl ?? (typeof ssl === 'object' ? ssl : undefined)
    const known = key === undefined ? undefined : kept.get(key)
    if (known !== undefined) return known
    const made = new SignIns()
    if (key !== undefined) kept.set(key, made)
    return made
  }

  /**
   * Opens a connection by `open`. Where nobody knows whether the broker takes the settings now, one connection tries and the others wait for what
   * it meets: all of a process at once would be as many refusals. Throws what `open`, or that one, throws; the last refusal during its pause.
   */
  async open<T>(address: string, open: () => Promise<T>): Promise<T> {
    const refusal = this.refused.get(address)
    if (refusal !== undefined && refusal.untilMs > performance.now()) throw refusal.error
    if (!this.accepted.has(address)) {
      const trial = this.trials.get(address)
      if (trial === undefined) return this.try(address, open)
      await trial
    }
    return open()
  }

  /** A connection to it has ended: it may take other settings when it is there again. */
  ended(address: string): void {
    this.accepted.delete(address)
  }

  private async try<T>(address: string, open: () => Promise<T>): Promise<T> {
    const trial = open()
    this.trials.set(address, trial)
    try {
      const opened = await trial
      this.accepted.add(address)
      return opened
    } catch (error) {
      if (error instanceof LinkRefused) this.refused.set(address, { error, untilMs: performance.now() + pauseMs })
      throw error
    } finally {
      this.trials.delete(address)
    }
  }
}
