import { performance } from 'node:perf_hooks'
import type { KafkaConfig } from './kafka-config'
import type { LinkRefused } from './kafka-errors'

/** After a refused sign-in the same broker isn't asked again for so long, ms: accounts are locked by those who go on. */
const pauseMs = 5_000

const kept = new WeakMap<object, Refusals>()

/** Brokers that have refused the settings, shared by all connections of the same ones. */
export class Refusals {
  private readonly refused = new Map<string, { readonly error: LinkRefused; readonly untilMs: number }>()

  /** Those of a configuration: the copies of one have the same certificates and the same sign-in. */
  static of({ sasl, ssl }: KafkaConfig): Refusals {
    const key = sasl ?? (typeof ssl === 'object' ? ssl : undefined)
    const known = key === undefined ? undefined : kept.get(key)
    if (known !== undefined) return known
    const made = new Refusals()
    if (key !== undefined) kept.set(key, made)
    return made
  }

  /** What a broker said lately, unless that is long ago. */
  at(address: string): LinkRefused | undefined {
    const found = this.refused.get(address)
    if (found === undefined || found.untilMs > performance.now()) return found?.error
    this.refused.delete(address)
    return undefined
  }

  add(address: string, error: LinkRefused): void {
    this.refused.set(address, { error, untilMs: performance.now() + pauseMs })
  }
}
